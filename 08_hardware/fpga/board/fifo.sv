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
  assign in_ready  = written - read != (LOG2_DEPTH + 1)'(1 << LOG2_DEPTH);
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
endmodule
