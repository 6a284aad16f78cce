// Proof: the FIFO loses no word, doubles none and keeps their order, whatever both sides do. The
// asserts stand in the FIFO itself; here it is made small and reset once.
//
// Sources: board/fifo.sv
// Steps: induction 6
// Mistake: board/fifo.sv: s/read != Depth;/read != Depth + 1'b1;/
// Mistake: board/fifo.sv: s/out_valid = written != read/out_valid = 1'b0/
// Mistake: board/fifo.sv: s/if (out_valid \&\& out_ready) read/if (out_ready) read/
// Mistake: board/fifo.sv: s/if (in_valid \&\& in_ready) words/if (in_valid) words/
module fifo_proof (
    input  logic clk,
    input  logic in_valid,
    input  logic out_ready,
    input  logic [3:0] in_data,
    output logic in_ready,
    output logic out_valid,
    output logic [3:0] out_data
);
  logic reset;
  initial reset = 1;
  always_ff @(posedge clk) reset <= 0;
  fifo #(
      .Width(4),
      .Log2Depth(2)
  ) queue (
      .clk(clk),
      .reset(reset),
      .in_valid(in_valid),
      .in_ready(in_ready),
      .in_data(in_data),
      .out_valid(out_valid),
      .out_ready(out_ready),
      .out_data(out_data)
  );
endmodule
