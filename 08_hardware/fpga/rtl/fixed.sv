// The numbers of the chip, and what narrows them. Everything here is what
// 07_fast_inference/fixed_point/fixed_point.hpp says in C++, to the last bit.
//
// For a reader of C++: a package is a namespace; a function in it is a piece of wiring that is
// built anew at each place that names it. `logic signed [15:0]` is 16 wires, read as two's
// complement. Nothing in a circuit has an array of numbers as a port here: sixteen numbers of 16
// bits travel as 256 wires, and number i is `x[16 * i +: 16]` (from bit 16 i on, 16 bits).
package fixed;

  // What the engine does in a slot. Each is a row of 8 x 16 weights or of the KV memory, times 16
  // inputs. The order of the first is the order of the weight rows.
  typedef enum logic [3:0] {
    OpKey,     // attn_wk: 2 rows of 8 outputs
    OpQuery,   // attn_wq: 2
    OpValue,   // attn_wv: 2
    OpMix,     // attn_wo: 2
    OpUp,      // mlp_fc1: 8
    OpDown,    // mlp_fc2: 8; row 2b + half takes inputs 16 b to 16 b + 15 for that half's outputs
    OpHead,    // lm_head: 4, the last five outputs are none
    OpScore,   // keys of 8 positions: 2 rows, each 8 positions x 4 heads
    OpAttend   // values: 2 rows of 8 dimensions, each over 16 positions
  } op_t;

  // A job for the engine; it travels beside the numbers, so that every stage knows what they are.
  typedef struct packed {
    logic       valid;
    op_t        op;
    logic [2:0] index;   // which row of the operation
    logic [1:0] stream;
  } command_t;

  // What those who do a job must know of it, decoded a cycle before (hints.sv): one bit for each operation,
  // none set if there is no job; and these two.
  localparam int Later = 9;   // mlp_fc2: not the first part of a sum
  localparam int Half = 10;   // the row's lowest bit

  // The nearest 16-bit number.
  function automatic logic signed [15:0] saturate16(input logic signed [39:0] n);
    if (n[39:15] == 25'h0000000 || n[39:15] == 25'h1ffffff) saturate16 = n[15:0];
    else saturate16 = n[39] ? 16'sh8000 : 16'sh7fff;
  endfunction

  // The nearest 32-bit number.
  function automatic logic signed [31:0] saturate32(input logic signed [39:0] n);
    if (n[39:31] == 9'h000 || n[39:31] == 9'h1ff) saturate32 = n[31:0];
    else saturate32 = n[39] ? 32'sh80000000 : 32'sh7fffffff;
  endfunction

  // n / 2^shift, rounded (half is added, so a tie goes up), at most 65535. The shift is a constant
  // wherever this is used, so it costs no gate.
  function automatic logic [15:0] narrow_unsigned(input logic [32:0] n, input int shift);
    logic [33:0] rounded;
    rounded = ({1'b0, n} + (34'd1 << (shift - 1))) >> shift;
    narrow_unsigned = (rounded[33:16] != 18'd0) ? 16'hffff : rounded[15:0];
  endfunction

  // max - s for numbers with a sign: never negative, and 32 bits are enough.
  function automatic logic [31:0] below(input logic signed [31:0] largest,
                                        input logic signed [31:0] s);
    below = largest - s;
  endfunction

  // a >= b, by the sign of a - b: of a subtraction Yosys makes a chain of carries, of >= a slow tree.
  function automatic logic at_least(input logic signed [31:0] a, input logic signed [31:0] b);
    // verilator lint_off UNUSEDSIGNAL
    logic signed [32:0] gap;
    // verilator lint_on UNUSEDSIGNAL
    gap = 33'(a) - 33'(b);
    at_least = !gap[32];
  endfunction

  // The largest of four. All six comparisons happen at the same time, so this is hardly slower than
  // the larger of two.
  function automatic logic signed [31:0] largest4(
      input logic signed [31:0] a, input logic signed [31:0] b, input logic signed [31:0] c,
      input logic signed [31:0] d);
    logic ab, ac, ad, bc, bd, cd;
    ab = at_least(a, b);
    ac = at_least(a, c);
    ad = at_least(a, d);
    bc = at_least(b, c);
    bd = at_least(b, d);
    cd = at_least(c, d);
    largest4 = (ab && ac && ad) ? a : (bc && bd && !ab) ? b : cd ? c : d;
  endfunction

endpackage
