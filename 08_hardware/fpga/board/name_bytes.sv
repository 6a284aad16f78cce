// The chip's tokens as text: a letter for each, and a new line at a name's end.
module name_bytes (
    input  logic       clk,
    input  logic       reset,
    input  logic       in_valid,
    output logic       in_ready,
    input  logic [4:0] in_token,  // 0 to 25: a to z; 26: the end, which has no letter
    input  logic       in_end,
    output logic       out_valid,
    input  logic       out_ready,
    output logic [7:0] out_byte
);
  localparam logic [4:0] Bos = 5'd26;
  logic new_line;  // the letter has gone, its end is still to be said
  logic is_letter;
  assign is_letter = in_token != Bos && !new_line;
  assign out_valid = in_valid;
  assign out_byte  = is_letter ? 8'h61 + 8'(in_token) : 8'h0a;
  // A letter that ends a name (the 16th) takes two bytes, and stays until the second is taken.
  assign in_ready  = out_ready && !(is_letter && in_end);
  always_ff @(posedge clk) begin
    if (reset) new_line <= 1'b0;
    else if (out_valid && out_ready) new_line <= is_letter && in_end;
  end
endmodule
