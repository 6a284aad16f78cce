// Two small functions that a compiler counts on wherever there is SME: newer libraries have them
// (libgcc 14, compiler-rt 19, every Mac's system), Debian 12's are older. So these are weak: they
// step back where there is a better one.
#if !defined(__APPLE__)

extern "C" {

/// Called before ZA is taken from a caller that left something in it, in order to save that. No
/// caller here leaves anything.
[[gnu::weak]] void __arm_tpidr2_save();
void __arm_tpidr2_save() { __builtin_trap(); }

/// How long the vectors of the mode are that is about to be left, for whoever unwinds the stack or
/// debugs; 0 for not known. It may change no register but x0.
[[gnu::weak, gnu::naked]] unsigned long __arm_get_current_vg();
unsigned long __arm_get_current_vg() { asm("mov x0, xzr\n\tret"); }

}  // extern "C"

#endif
