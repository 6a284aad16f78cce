// Proof: the controller never begins a token for which there might be no room, no stream ever has two
// tokens under way or loses its only one, and it never stands still, whatever the reader does, in both
// modes, taught or not, whatever is drawn, with resets at any time. The asserts stand in the controller.
//
// Sources: rtl/fixed.sv formal/short_timetable.sv rtl/controller.sv
// Steps: induction 2
// Mistake: rtl/controller.sv: s/owed < 4'd8/owed < 4'd9/
// Mistake: rtl/controller.sv: s/owed <= owed + 4'(launch) - 4'(taken)/owed <= owed + 4'(launch) - 4'(taken \&\& !launch)/
// Mistake: rtl/controller.sv: s/waits\[launched\] <= 1'b0/waits[launched] <= comes_just_now/
// Mistake: rtl/controller.sv: s/comes_just_now = arrives \&\& arrived == launched/comes_just_now = arrives/
// Mistake: rtl/controller.sv: s/= moved\[timetable::after(c)\] | on\[c\]/= on[c]/
module controller_proof (
    input  logic       clk,
    input  logic       rst_later,
    input  logic       taken,
    input  logic       in_valid,
    input  logic [4:0] in_token,
    input  logic [3:0] in_position,
    input  logic [4:0] drawn
);
  (* anyconst *) reg interleaved, teach;
  logic begun;
  initial begun = 1'b0;
  always_ff @(posedge clk) begun <= 1'b1;
  controller when (
      .clk, .rst(rst_later || !begun), .interleaved, .teach, .in_valid, .in_token, .in_position,
      .drawn, .taken);
endmodule
