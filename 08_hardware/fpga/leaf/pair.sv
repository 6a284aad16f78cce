// For test_leaf.cpp: the same factors into the plain multiplier and into the ECP5's (its model).
`default_nettype none
module multiplier_pair (
    input wire clk,
    input wire enable,
    input wire signed [15:0] a,
    input wire signed [15:0] b,
    input wire signed [17:0] wide_a,
    output wire signed [31:0] plain,
    output wire signed [31:0] ecp5,
    output wire signed [33:0] wide_plain,
    output wire signed [33:0] wide_primitive
);
  multiplier #(
      .PRIMITIVE(0)
  ) one (
      .clk(clk),
      .enable(enable),
      .a(a),
      .b(b),
      .p(plain)
  );
  multiplier two (
      .clk(clk),
      .enable(enable),
      .a(a),
      .b(b),
      .p(ecp5)
  );
  multiplier #(
      .A_WIDTH(18),
      .PRIMITIVE(0)
  ) three (
      .clk(clk),
      .enable(enable),
      .a(wide_a),
      .b(b),
      .p(wide_plain)
  );
  multiplier #(
      .A_WIDTH(18)
  ) four (
      .clk(clk),
      .enable(enable),
      .a(wide_a),
      .b(b),
      .p(wide_primitive)
  );
endmodule
