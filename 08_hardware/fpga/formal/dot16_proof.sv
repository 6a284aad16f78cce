// Proof: no sum of a dot product overflows, whatever the 16-bit factors are. The asserts stand in dot16;
// multiplication itself is taken for any product that there can be.
//
// Sources: formal/any_multiplier.sv rtl/dot16.sv
// Steps: induction 2
// Mistake: rtl/dot16.sv: s/signed \[33:0\] quarter/signed [32:0] quarter/
// Mistake: rtl/dot16.sv: s/product\[4\*q+3\]\[31:0\]/product[4*q+3][30:0]/
// Mistake: rtl/dot16.sv: s/36'(quarter\[2\]) + 36'(quarter\[3\])/36'(34'(quarter[2] + quarter[3]))/
module dot16_proof (
    input  logic             clk,
    input  logic [16*16-1:0] a,
    input  logic [16*16-1:0] b
);
  dot16 dot (.clk, .a, .b);
endmodule
