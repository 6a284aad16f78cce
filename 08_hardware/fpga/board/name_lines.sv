// The chip's tokens as text, a name a line. Several streams write at the same time, each gets a letter
// in turn; so letters wait in a line of their own until the name's end, and then go out together.
module name_lines (
    input  logic       clk,
    input  logic       reset,
    input  logic       in_valid,
    output logic       in_ready,
    input  logic [1:0] in_stream,
    input  logic [4:0] in_token,  // 0 to 25: a to z; 26: the end, which has no letter
    input  logic       in_end,
    output logic       out_valid,
    input  logic       out_ready,
    output logic [7:0] out_byte
);
  logic [4:0] letters[64];  // {stream, place in the name}
  logic [4:0] lengths[4];
  logic speaks;  // a name is going out, and nothing comes in
  logic [1:0] speaker;
  logic [4:0] at;
  logic is_letter;
  assign in_ready  = !speaks;
  assign out_valid = speaks;
  assign is_letter = at != lengths[speaker];
  assign out_byte  = is_letter ? 8'h61 + 8'(letters[{speaker, at[3:0]}]) : 8'h0a;
  always_ff @(posedge clk) begin
    if (in_valid && in_ready) letters[{in_stream, lengths[in_stream][3:0]}] <= in_token;
    if (reset) begin
      speaks <= 1'b0;
      for (int s = 0; s < 4; s++) lengths[s] <= 5'd0;
    end else if (!speaks) begin
      if (in_valid && in_token != 5'd26) lengths[in_stream] <= lengths[in_stream] + 5'd1;
      speaks <= in_valid && in_end;
      speaker <= in_stream;
      at <= 5'd0;
    end else if (out_ready) begin
      at <= at + 5'd1;
      if (!is_letter) begin
        speaks <= 1'b0;
        lengths[speaker] <= 5'd0;
      end
    end
  end
endmodule
