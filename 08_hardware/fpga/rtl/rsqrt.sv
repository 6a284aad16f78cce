// 1 / sqrt(m / 2^24), by a table and one step of Newton's method: what RMSNorm scales by. The
// steps are those of reciprocal_sqrt() in 07_fast_inference/fixed_point/fixed_point.hpp.
//
// m comes in cycle 0, a new one in every cycle if need be; m is 1 or more.
//   1  half_shift: m is to be shifted left by 2 * half_shift, so that bit 31 or 30 is set
//   2  that is done; the upper 9 bits are the table's address
//   3  from the table y and q = y * y >> 16, which saves a multiplication
//   4  a * q
//   6  y * (3 - a q)
// mantissa is there in cycle 6, from a product, and half_shift in cycle 1; the root's scale is
// mantissa / 2^(19 - half_shift).
module rsqrt (
    input  logic        clk,
    input  logic [31:0] m,
    output logic [3:0]  half_shift,
    output logic [15:0] mantissa
);
  // Cycle 0: the number of zeros before the first one, in pairs.
  logic [31:0] m1;
  logic [3:0] zero_pairs;
  always_comb begin
    zero_pairs = 4'd15;
    for (int pair = 0; pair < 16; pair++)
      if (m[2*pair+:2] != 2'b00) zero_pairs = 4'(15 - pair);
  end
  always_ff @(posedge clk) begin
    half_shift <= zero_pairs;
    m1 <= m;
  end

  // Cycle 1: the shift.
  // verilator lint_off UNUSEDSIGNAL
  logic [31:0] a;
  // verilator lint_on UNUSEDSIGNAL
  logic [15:0] a2;
  assign a = m1 << {half_shift, 1'b0};
  always_ff @(posedge clk) a2 <= a[31:16];

  // Cycle 2: the table. Entry i is for an a from i to just below i + 1, in units of 2^23.
  logic [31:0] entry;
  rom #(.Width(32), .Depth(512), .File("rsqrt.hex")) table_rom (
      .clk, .address(a[31:23]), .word(entry));
  // verilator lint_off UNUSEDSIGNAL
  logic signed [35:0] product;
  // verilator lint_on UNUSEDSIGNAL
  multiplier first (.clk, .a({2'b00, a2}), .b({2'b00, entry[31:16]}), .product);

  // Cycle 4: r = 3 - a q, rounded to 16 bits.
  logic [15:0] y3, y4;
  always_ff @(posedge clk) begin
    y3 <= entry[15:0];
    y4 <= y3;
  end
  // verilator lint_off UNUSEDSIGNAL
  logic [31:0] r;
  // verilator lint_on UNUSEDSIGNAL
  assign r = 32'hc0008000 - product[31:0];  // 3 * 2^30 + 2^15
  // verilator lint_off UNUSEDSIGNAL
  logic signed [35:0] twice;
  // verilator lint_on UNUSEDSIGNAL
  multiplier second (.clk, .a({2'b00, r[31:16]}), .b({2'b00, y4}), .product(twice));

  // Cycle 6: rounded, at most 65535.
  logic [17:0] rounded;
  assign rounded = 18'((twice[32:0] + 33'd16384) >> 15);
  assign mantissa = (rounded[17:16] != 2'b00) ? 16'hffff : rounded[15:0];
endmodule
