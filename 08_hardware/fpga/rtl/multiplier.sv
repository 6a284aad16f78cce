// One hardware multiplier: 18 x 18 bits with a sign, registers before and after. What goes in
// during cycle t comes out in cycle t + 2, and in every cycle a new product can begin.
//
// The ECP5's own multiplier has these registers inside. Yosys finds the multiplier behind a `*` but
// leaves the registers outside, thousands of them, far away; so for that chip its primitive is named.
// That both are one circuit is tested (ecp5/test_ecp5.cpp).
module multiplier #(
    // verilator lint_off UNUSEDPARAM
    parameter bit Plain = 0  // the description below even where SYNTH_ECP5 names the primitive
    // verilator lint_on UNUSEDPARAM
) (
    input  logic               clk,
    input  logic signed [17:0] a,
    input  logic signed [17:0] b,
    output logic signed [35:0] product
);
  generate
`ifdef SYNTH_ECP5
    if (!Plain) begin : gen_primitive
      mult18x18d_wires mult (.clk, .a, .b, .product);
    end else
`endif
    begin : gen_plain
      logic signed [17:0] a_in, b_in;
      always_ff @(posedge clk) begin
        a_in <= a;
        b_in <= b;
        product <= a_in * b_in;
      end
    end
  endgenerate
endmodule
