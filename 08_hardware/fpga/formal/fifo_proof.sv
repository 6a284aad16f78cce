// Proof: the FIFO loses no word, doubles none and keeps their order, whatever both sides do. The
// asserts stand in the FIFO itself; here it is made small and reset once.
//
// Sources: board/fifo.sv
// Steps: induction 6
// Mistake: board/fifo.sv: s/read != DEPTH;/read != DEPTH + 1'b1;/
// Mistake: board/fifo.sv: s/out_valid = written != read/out_valid = 1'b0/
// Mistake: board/fifo.sv: s/if (out_valid \&\& out_ready) read/if (out_ready) read/
// Mistake: board/fifo.sv: s/if (in_valid \&\& in_ready) words/if (in_valid) words/
`default_nettype none
module fifo_proof (
    input wire clk,
    input wire in_valid,
    input wire out_ready,
    input wire [3:0] in_data,
    output wire in_ready,
    output wire out_valid,
    output wire [3:0] out_data
);
  reg reset;
  initial reset = 1;
  always @(posedge clk) reset <= 0;
  fifo #(
      .WIDTH(4),
      .LOG2_DEPTH(2)
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
