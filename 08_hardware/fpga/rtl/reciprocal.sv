// 1 / d, by a table and one step of Newton's method: what softmax scales by. The steps are those of
// reciprocal() in 07_fast_inference/fixed_point/fixed_point.hpp, for d from 2^15 to 2^19, which is
// all that 16 powers can add up to when the largest of them is 2^15.
//
// d comes in cycle 0, a new one in every cycle if need be.
//   1  d is shifted left so that its highest bit, of 20, is set; the next 7 are the table's address
//   3  a * y         5  y * (2 - a y)
// mantissa is there in cycle 5, from a product; extra_shift in cycle 1: the scale is
// mantissa / 2^(31 + 4 - extra_shift).
module reciprocal (
    input  logic        clk,
    input  logic [19:0] d,
    output logic [2:0]  extra_shift,  // 0: d has 20 bits; 4: it has 16
    output logic [15:0] mantissa
);
  // Cycle 0
  logic [2:0] zeros;
  // verilator lint_off UNUSEDSIGNAL
  logic [19:0] a;
  // verilator lint_on UNUSEDSIGNAL
  logic [15:0] a1;
  always_comb begin
    zeros = d[19] ? 3'd0 : d[18] ? 3'd1 : d[17] ? 3'd2 : d[16] ? 3'd3 : 3'd4;
    a = d << zeros;
  end
  always_ff @(posedge clk) begin
    a1 <= a[19:4];
    extra_shift <= zeros;
  end

  // Cycle 1
  logic [15:0] y1, y2, y3;
  rom #(.Width(16), .Depth(128), .File("reciprocal.hex")) table_rom (
      .clk, .address(a[18:12]), .word(y1));
  // verilator lint_off UNUSEDSIGNAL
  logic signed [35:0] product;
  // verilator lint_on UNUSEDSIGNAL
  multiplier first (.clk, .a({2'b00, a1}), .b({2'b00, y1}), .product);

  // Cycle 3: r = 2 - a y
  always_ff @(posedge clk) begin
    y2 <= y1;
    y3 <= y2;
  end
  // verilator lint_off UNUSEDSIGNAL
  logic [31:0] r;
  // verilator lint_on UNUSEDSIGNAL
  assign r = 32'd0 - product[31:0];
  // verilator lint_off UNUSEDSIGNAL
  logic signed [35:0] twice;
  // verilator lint_on UNUSEDSIGNAL
  multiplier second (.clk, .a({2'b00, r[31:16]}), .b({2'b00, y3}), .product(twice));

  // Cycle 5: rounded, at most 65535.
  logic [17:0] rounded;
  assign rounded = 18'((twice[32:0] + 33'd16384) >> 15);
  assign mantissa = (rounded[17:16] != 2'b00) ? 16'hffff : rounded[15:0];
endmodule
