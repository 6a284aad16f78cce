// A signed product, three cycles after its factors: p = a * b.
//
// The ECP5 has 156 hard multipliers, MULT18X18D, each with registers at its inputs, in its middle
// and at its output. With all three it is the fastest thing on the chip; without them it is the
// slowest. Yosys finds the multiplier behind a `*` but leaves the registers outside, so the
// primitive is written out here. Everywhere else the same three registers stand in plain sight.
//
// That both descriptions are one circuit is tested: test_leaf.cpp.
`default_nettype none
module multiplier #(
    parameter A_WIDTH = 16,  // at most 18, two's complement
    parameter B_WIDTH = 16,  // at most 18, two's complement
    // verilator lint_off UNUSEDPARAM
    parameter PRIMITIVE = 1  // 0: the plain description even where the ECP5's is compiled in
    // verilator lint_on UNUSEDPARAM
) (
    input wire clk,
    input wire enable,  // no register moves without it
    input wire signed [A_WIDTH-1:0] a,
    input wire signed [B_WIDTH-1:0] b,
    output wire signed [A_WIDTH+B_WIDTH-1:0] p
);
  generate
`ifdef SYNTH_ECP5
    if (PRIMITIVE) begin : ecp5
      // verilator lint_off UNUSEDSIGNAL
      wire signed [35:0] p36;
      // verilator lint_on UNUSEDSIGNAL
      mult18x18d_wires mult (
          .clk(clk),
          .enable(enable),
          .a(18'(a)),
          .b(18'(b)),
          .p(p36)
      );
      assign p = p36[A_WIDTH+B_WIDTH-1:0];
    end else
`endif
    begin : plain
      reg signed [A_WIDTH-1:0] a_register;
      reg signed [B_WIDTH-1:0] b_register;
      reg signed [A_WIDTH+B_WIDTH-1:0] middle, product;
      always @(posedge clk) begin
        if (enable) begin
          a_register <= a;
          b_register <= b;
          middle <= a_register * b_register;
          product <= middle;
        end
      end
      assign p = product;
    end
  endgenerate
endmodule
