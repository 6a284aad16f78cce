// In place of rtl/dot16.sv: any number that dot16_proof.sv says its sum can be.
module dot16 (
    input  logic               clk,
    input  logic [16*16-1:0]   a,
    input  logic [16*16-1:0]   b,
    output logic [4*34-1:0]    quarters,
    output logic signed [35:0] sum
);
  (* anyseq *) logic signed [35:0] any;
  assign sum = any;
  assign quarters = '0;
  always_ff @(posedge clk) assume (any <= 36'sd17179869184 && any > -36'sd17179869184);
endmodule
