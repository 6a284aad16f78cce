// One hardware multiplier: 18 x 18 bits with a sign, registers before and after. What goes in
// during cycle t comes out in cycle t + 2, and in every cycle a new product can begin.
module multiplier (
    input  logic               clk,
    input  logic signed [17:0] a,
    input  logic signed [17:0] b,
    output logic signed [35:0] product
);
  logic signed [17:0] a_in, b_in;
  always_ff @(posedge clk) begin
    a_in <= a;
    b_in <= b;
    product <= a_in * b_in;
  end
endmodule
