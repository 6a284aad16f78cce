// What takes long, off the page's thread. A page starts one worker to train and one to measure.
import { serve } from './calls.mjs';
import { measuring } from './measuring.mjs';
import { training } from './training.mjs';

serve({ ...training, ...measuring });
