// First in, first out, between two sides that each say when they are ready. What is at the front is
// seen at once (`out_data`); it goes when `out_valid` and `out_ready` meet.
module fifo #(
    parameter int Width = 8,
    parameter int Log2Depth = 4
) (
    input  logic clk,
    input  logic reset,
    input  logic in_valid,
    output logic in_ready,
    input  logic [Width-1:0] in_data,
    output logic out_valid,
    input  logic out_ready,
    output logic [Width-1:0] out_data
);
  logic [Width-1:0] words[0:(1<<Log2Depth)-1];
  // One bit more than an address, so that full and empty differ.
  logic [Log2Depth:0] written, read;
  localparam logic [Log2Depth:0] Depth = 1 << Log2Depth;
  assign in_ready = written - read != Depth;
  assign out_valid = written != read;
  assign out_data  = words[read[Log2Depth-1:0]];
  always_ff @(posedge clk) begin
    if (in_valid && in_ready) words[written[Log2Depth-1:0]] <= in_data;
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
  logic [7:0] came, went;
  logic [Width-1:0] word;
  initial begin
    came = 0;
    went = 0;
  end
  always_ff @(posedge clk) begin
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
      assert (8'(came - went) <= 8'(Depth));
      assert (written == came[Log2Depth:0] && read == went[Log2Depth:0]);
      if (8'(watched - went) < 8'(came - went)) assert (words[watched[Log2Depth-1:0]] == word);
    end
  end
`endif
endmodule
