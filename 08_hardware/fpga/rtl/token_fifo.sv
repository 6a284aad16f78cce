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

`ifdef FORMAL
  // What leaves is what was put, in order, nothing lost and nothing twice: one token, at an arbitrary
  // place of the stream, is watched, and what holds for it holds for all. That nothing is put when
  // it is full is the controller's promise, proved there. (formal/token_fifo_proof.sv)
  (* anyconst *) reg [7:0] watched;
  logic [7:0] came, went;  // since the reset
  logic [Width-1:0] word;
  always_ff @(posedge clk) begin
    assume (!put || count != 4'd8);
    if (rst) begin
      came <= 8'd0;
      went <= 8'd0;
    end else begin
      if (put) came <= came + 8'd1;
      if (put && came == watched) word <= entry;
      if (valid && ready) went <= went + 8'd1;
      if (was_reset) begin
        if (valid && ready && went == watched) assert (first == word);
        assert (valid == (came != went));
        // What holds on the way there; the proof by induction needs to know.
        assert (8'(came - went) == 8'(count) && count <= 4'd8);
        assert (write == came[2:0] && read == went[2:0]);
        if (8'(watched - went) < 8'(count)) assert (entries[watched[2:0]] == word);
      end
    end
  end
  logic was_reset;
  initial was_reset = 1'b0;
  always_ff @(posedge clk) was_reset <= was_reset || rst;
`endif
endmodule
