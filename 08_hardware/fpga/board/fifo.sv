// First in, first out, between two sides that each say when they are ready. What is at the front is
// seen at once (`out_data`); it goes when `out_valid` and `out_ready` meet.
`default_nettype none
module fifo #(
    parameter WIDTH  = 8,
    parameter LOG2_DEPTH = 4
) (
    input wire clk,
    input wire reset,
    input wire in_valid,
    output wire in_ready,
    input wire [WIDTH-1:0] in_data,
    output wire out_valid,
    input wire out_ready,
    output wire [WIDTH-1:0] out_data
);
  reg [WIDTH-1:0] words[0:(1<<LOG2_DEPTH)-1];
  // One bit more than an address, so that full and empty differ.
  reg [LOG2_DEPTH:0] written, read;
  localparam [LOG2_DEPTH:0] DEPTH = 1 << LOG2_DEPTH;
  assign in_ready = written - read != DEPTH;
  assign out_valid = written != read;
  assign out_data  = words[read[LOG2_DEPTH-1:0]];
  always @(posedge clk) begin
    if (in_valid && in_ready) words[written[LOG2_DEPTH-1:0]] <= in_data;
    if (reset) begin
      written <= 0;
      read <= 0;
    end else begin
      if (in_valid && in_ready) written <= written + 1'b1;
      if (out_valid && out_ready) read <= read + 1'b1;
    end
  end

`ifdef FORMAL
  // What leaves is what came, in order, nothing lost and nothing twice: one word, at an arbitrary place
  // in the stream, is watched; what holds for it holds for all. (formal/fifo_proof.sv)
  (* anyconst *) reg [7:0] watched;
  reg [7:0] came, went;
  reg [WIDTH-1:0] word;
  initial begin
    came = 0;
    went = 0;
  end
  always @(posedge clk) begin
    if (!reset) begin
      if (in_valid && in_ready) begin
        came <= came + 1'b1;
        if (came == watched) word <= in_data;
      end
      if (out_valid && out_ready) begin
        went <= went + 1'b1;
        if (went == watched) assert (out_data == word);
      end
      assert (in_ready || out_valid);  // it never stands still
      // What holds on the way there; the proof by induction needs to know.
      assert (8'(came - went) <= 8'(DEPTH));
      assert (written == came[LOG2_DEPTH:0] && read == went[LOG2_DEPTH:0]);
      if (8'(watched - went) < 8'(came - went)) assert (words[watched[LOG2_DEPTH-1:0]] == word);
    end
  end
`endif
endmodule
