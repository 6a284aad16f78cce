// For test_ecp5.cpp: the same factors into the plain multiplier and into a model of the ECP5's.
module pair (
    input  logic               clk,
    input  logic signed [17:0] a,
    input  logic signed [17:0] b,
    output logic signed [35:0] plain,
    output logic signed [35:0] ecp5
);
  multiplier #(.Plain(1)) as_described (.clk, .a, .b, .product(plain));
  multiplier as_primitive (.clk, .a, .b, .product(ecp5));
endmodule
