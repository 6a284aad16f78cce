// Proof: no accumulator of the engine overflows, whatever weights and inputs are, if the parts of
// mlp_fc2's sums come in the timetable's order. The asserts stand in the engine; for a dot product
// stands any number that dot16_proof.sv allows.
//
// Sources: rtl/fixed.sv rtl/model.sv formal/any_dot16.sv formal/any_memories.sv rtl/hints.sv rtl/engine.sv
// Steps: induction 6
// Mistake: rtl/engine.sv: s/signed \[39:0\] so_far\[2\], begins, total/signed [35:0] so_far[2], begins, total/
// Mistake: rtl/engine.sv: s/accumulates = adding\[fixed::OpDown\] \&\& adding\[fixed::Later\]/accumulates = adding[fixed::OpDown]/
module engine_proof (
    input  logic           clk,
    input  fixed::command_t command,
    input  logic [511:0]   b,
    input  logic [127:0]   residual,
    input  logic [3:0]     position
);
  engine matrices (.clk, .command, .b, .residual, .position);
endmodule
