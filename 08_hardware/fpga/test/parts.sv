// The chip's parts one by one, for their tests: each has wires of its own.
module parts (
    input  logic               clk,
    input  logic [31:0]        m,            // rsqrt
    output logic [3:0]         half_shift,
    output logic [15:0]        root,
    input  logic [19:0]        d,            // reciprocal
    output logic [2:0]         extra_shift,
    output logic [15:0]        inverse,
    input  logic               exp_start,    // exp_bank and norm, with a vector unit
    input  logic [16*16-1:0]   z,
    output logic [16*16-1:0]   powers,
    input  logic               norm_start,
    input  logic [16*16-1:0]   x,
    output logic [16*16-1:0]   normed,
    input  logic [16*16-1:0]   a,            // dot16
    input  logic [16*16-1:0]   b,
    output logic [4*34-1:0]    quarters,
    output logic signed [35:0] sum,
    input  logic signed [39:0] wide,         // the package's functions
    output logic [15:0]        wide16,
    output logic [31:0]        wide32,
    input  logic [32:0]        positive,
    output logic [15:0]        narrowed9,
    output logic [15:0]        narrowed12,
    input  logic [127:0]       four,
    output logic [31:0]        largest
);
  rsqrt rsqrt_part (.clk, .m, .half_shift, .mantissa(root));
  reciprocal reciprocal_part (.clk, .d, .extra_shift, .mantissa(inverse));
  logic [287:0] exp_a, exp_b, norm_a, norm_b;
  logic [575:0] products;
  exp_bank exp_part (
      .clk, .start(exp_start), .z, .vector_a(exp_a), .vector_b(exp_b), .products, .powers);
  norm norm_part (
      .clk, .start(norm_start), .x, .vector_a(norm_a), .vector_b(norm_b), .products, .normed);
  vector_unit #(.Users(2)) shared (.clk, .a({exp_a, norm_a}), .b({exp_b, norm_b}), .products);
  dot16 dot_part (.clk, .a, .b, .quarters, .sum);
  assign wide16 = fixed::saturate16(wide);
  assign wide32 = fixed::saturate32(wide);
  assign narrowed9 = fixed::narrow_unsigned(positive, 9);
  assign narrowed12 = fixed::narrow_unsigned(positive, 12);
  assign largest = fixed::largest4(four[31:0], four[63:32], four[95:64], four[127:96]);
endmodule
