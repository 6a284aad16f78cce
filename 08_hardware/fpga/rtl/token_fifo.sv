// Tokens that wait until the reader has time, eight at most. The controller begins no token for
// which there might be no room, so `put` never finds it full.
module token_fifo #(
    parameter int Width = 8
) (
    input  logic             clk,
    input  logic             rst,
    input  logic             put,
    input  logic [Width-1:0] entry,
    output logic             valid,
    input  logic             ready,
    output logic [Width-1:0] first
);
  logic [Width-1:0] entries[8];
  logic [3:0] count;
  logic [2:0] write, read;
  assign valid = count != 4'd0;
  assign first = entries[read];
  always_ff @(posedge clk) begin
    if (put) entries[write] <= entry;
    if (rst) begin
      count <= 4'd0;
      write <= 3'd0;
      read <= 3'd0;
    end else begin
      if (put) write <= write + 3'd1;
      if (valid && ready) read <= read + 3'd1;
      count <= count + 4'(put) - 4'(valid && ready);
    end
  end
endmodule
