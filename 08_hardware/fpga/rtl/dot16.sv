// A dot product of 16 numbers in four cycles: 16 multipliers, then a tree of adders.
//
// Each adder adds two numbers, so 16 products need 15 adders, four levels deep. Two levels are done
// between one register and the next. Every level's numbers have a bit more than the one's before,
// so nothing is ever lost: sums are exact, in whatever order.
//
// Slot t: inputs are there. t + 2: products are. `quarters` is the sum of each four of them, in the
// same cycle still (attention needs these: a head has four dimensions). t + 3: `sum` is that of all.
(* keep_hierarchy *)  // so that Yosys does not mix what is added to the sum into the tree
module dot16 (
    input  logic               clk,
    input  logic [16*16-1:0]   a,
    input  logic [16*16-1:0]   b,
    output logic [4*34-1:0]    quarters,  // in t + 2, from the products
    output logic signed [35:0] sum        // in t + 3, from a register
);
  // verilator lint_off UNUSEDSIGNAL
  logic signed [35:0] product[16];
  // verilator lint_on UNUSEDSIGNAL
  for (genvar i = 0; i < 16; i++) begin : g_lane
    multiplier times (
        .clk,
        .a({{2{a[16*i+15]}}, a[16*i+:16]}),
        .b({{2{b[16*i+15]}}, b[16*i+:16]}),
        .product(product[i])
    );
  end

  // A product of two 16-bit numbers has 32 bits, of which 34 are taken here; the multiplier's
  // upper two say the same as its sign.
  logic signed [33:0] quarter[4], quarter_in[4];
  always_comb begin
    for (int q = 0; q < 4; q++) begin
      quarter_in[q] = (product[4*q][33:0] + product[4*q+1][33:0])
                    + (product[4*q+2][33:0] + product[4*q+3][33:0]);
      quarters[34*q+:34] = quarter_in[q];
    end
  end
  always_ff @(posedge clk) for (int q = 0; q < 4; q++) quarter[q] <= quarter_in[q];
  assign sum = (36'(quarter[0]) + 36'(quarter[1])) + (36'(quarter[2]) + 36'(quarter[3]));

`ifdef FORMAL
  // No sum is cut: with 12 bits more, all come out the same. (formal/dot16_proof.sv)
  logic signed [47:0] wide_quarter[4];
  always_ff @(posedge clk) begin
    for (int q = 0; q < 4; q++)
      wide_quarter[q] <= 48'(product[4*q]) + 48'(product[4*q+1]) + 48'(product[4*q+2])
                       + 48'(product[4*q+3]);
    if (began) begin
      for (int q = 0; q < 4; q++) assert (48'(quarter[q]) == wide_quarter[q]);
      assert (48'(sum) == wide_quarter[0] + wide_quarter[1] + wide_quarter[2] + wide_quarter[3]);
      assert (sum <= 36'sd17179869184 && sum > -36'sd17179869184);  // 16 * 2^30
    end
  end
  logic began;
  initial began = 1'b0;
  always_ff @(posedge clk) began <= 1'b1;
`endif
endmodule
