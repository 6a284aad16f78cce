// RMSNorm: x / sqrt(mean of squares + 1e-5). x comes in cycle 0, the result is there in cycle 12; a
// new x may come in every cycle in which the vector unit is free, now and ten cycles later.
//
//   0   x * x, in the vector unit          2..3  the squares' sum
//   4   rsqrt; x waits                     5     x is shifted as the root says
//   10  x * the root's mantissa            12    rounded and saturated
//
// To shift x before the multiplication is the same as to shift the product after it, and cheaper:
// what is rounded off in the end is then always 18 bits. No bit of x is lost by it: as x * x / 16
// is at most m, x * 2^half_shift is below 2^18; and half_shift is 0 only if every x is -2^15.
module norm (
    input  logic              clk,
    input  logic              start,
    input  logic [16*16-1:0]  x,
    output logic [16*18-1:0]  vector_a,
    output logic [16*18-1:0]  vector_b,
    input  logic [16*36-1:0]  products,
    output logic [16*16-1:0]  normed  // in cycle 12
);
  logic scales[11];  // scales[10]: this is cycle 10
  assign scales[0] = start;
  for (genvar i = 0; i < 10; i++) begin : g_go
    always_ff @(posedge clk) scales[i+1] <= scales[i];
  end

  // Cycles 2 and 3: the mean, rounded; + epsilon. (Before the division by 16, not after: one adder.)
  logic [33:0] quarter[4];
  // verilator lint_off UNUSEDSIGNAL
  logic [35:0] sum;
  // verilator lint_on UNUSEDSIGNAL
  logic [31:0] mean;
  always_comb
    sum = (36'(quarter[0]) + 36'(quarter[1])) + (36'(quarter[2]) + 36'(quarter[3]))
        + 36'(8 + 16 * model::NormEpsilon);
  always_ff @(posedge clk) begin
    for (int q = 0; q < 4; q++)
      quarter[q] <= (products[144*q+:34] + products[144*q+36+:34])
                  + (products[144*q+72+:34] + products[144*q+108+:34]);
    mean <= sum[35:4];
  end

  logic [3:0] half_shift;
  logic [15:0] mantissa;
  rsqrt root (.clk, .m(mean), .half_shift, .mantissa);

  // Cycles 1 to 5: x waits; 6 to 10: so does x, shifted.
  logic [16*16-1:0] waiting[5];
  logic [16*18-1:0] ready[5], shifted;
  for (genvar i = 0; i < 16; i++) begin : g_shift
    // verilator lint_off UNUSEDSIGNAL
    logic signed [18:0] wide;
    // verilator lint_on UNUSEDSIGNAL
    assign wide = {{3{waiting[4][16*i+15]}}, waiting[4][16*i+:16]} <<< half_shift;
    assign shifted[18*i+:18] = wide[18:1];
  end
  always_ff @(posedge clk) begin
    waiting[0] <= x;
    ready[0] <= shifted;
    for (int i = 0; i < 4; i++) begin
      waiting[i+1] <= waiting[i];
      ready[i+1] <= ready[i];
    end
  end

  always_comb
    for (int i = 0; i < 16; i++) begin
      vector_a[18*i+:18] = ({18{start}} & {{2{x[16*i+15]}}, x[16*i+:16]})
                         | ({18{scales[10]}} & ready[4][18*i+:18]);
      vector_b[18*i+:18] = ({18{start}} & {{2{x[16*i+15]}}, x[16*i+:16]})
                         | ({18{scales[10]}} & {2'b00, mantissa});
    end

  for (genvar i = 0; i < 16; i++) begin : g_round
    logic signed [35:0] product;
    assign product = products[36*i+:36];
    assign normed[16*i+:16] = fixed::saturate16((40'(product) + 40'sd131072) >>> 18);
  end
endmodule
