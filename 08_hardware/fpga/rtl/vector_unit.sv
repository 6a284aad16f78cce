// Sixteen multipliers that norm, softmax and sampler take turns with. Whoever has the slot puts its
// numbers on the wires and all others put zeros there, so an OR of all is the one's; two cycles
// later the products are there for whoever knows that they are his.
module vector_unit #(
    parameter int Users = 6
) (
    input  logic                   clk,
    input  logic [Users*16*18-1:0] a,
    input  logic [Users*16*18-1:0] b,
    output logic [16*36-1:0]       products
);
  logic [16*18-1:0] all_a, all_b;
  always_comb begin
    all_a = '0;
    all_b = '0;
    for (int user = 0; user < Users; user++) begin
      all_a = all_a | a[16*18*user+:16*18];
      all_b = all_b | b[16*18*user+:16*18];
    end
  end
  for (genvar i = 0; i < 16; i++) begin : g_lane
    multiplier times (
        .clk, .a(all_a[18*i+:18]), .b(all_b[18*i+:18]), .product(products[36*i+:36]));
  end
endmodule
