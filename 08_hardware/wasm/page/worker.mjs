// What takes long, off the page's thread.
import { serve } from './calls.mjs';

serve({});
