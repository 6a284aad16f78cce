// In place of rtl/multiplier.sv, for proofs about sums: any number that a product of two 16-bit numbers
// can be, at any time. What holds for all of these holds for the products.
module multiplier (
    input  logic               clk,
    input  logic signed [17:0] a,
    input  logic signed [17:0] b,
    output logic signed [35:0] product
);
  (* anyseq *) logic signed [35:0] any;
  assign product = any;
  always_ff @(posedge clk) assume (any <= 36'sd1073741824 && any > -36'sd1073741824);
endmodule
