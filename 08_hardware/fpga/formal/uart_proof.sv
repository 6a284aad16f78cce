// Proof: a byte that the transmitter takes is on the line in the next ten bits, each as long as the
// next, start bit, data from the lowest, stop bit; between bytes the line is 1, and after ten bits it
// is ready again. Two bytes' time, bits three cycles long, any bytes, any gaps.
//
// Sources: board/uart_transmitter.sv
// Steps: bmc 64
// Mistake: board/uart_transmitter.sv: s/bits_left <= 10/bits_left <= 9/
// Mistake: board/uart_transmitter.sv: s/{data, 1'b0}/{1'b0, data}/
// Mistake: board/uart_transmitter.sv: s/DIVISOR - 1)/DIVISOR)/
// Mistake: board/uart_transmitter.sv: s/{1'b1, shift/{1'b0, shift/
`default_nettype none
module uart_proof (
    input wire clk,
    input wire valid,
    input wire [7:0] data,
    output wire ready,
    output wire line
);
  localparam DIVISOR = 3;
  reg reset;
  initial reset = 1;
  always @(posedge clk) reset <= 0;
  uart_transmitter #(
      .DIVISOR(DIVISOR)
  ) transmitter (
      .clk(clk),
      .reset(reset),
      .valid(valid),
      .ready(ready),
      .data(data),
      .line(line)
  );

  reg [9:0] frame;  // stop bit, data, start bit
  reg [3:0] at_bit;  // 10: none is on the line
  reg [1:0] at_cycle;
  initial at_bit = 10;
  always @(posedge clk) begin
    if (!reset) begin
      assert (ready == (at_bit == 10));
      assert (line == (at_bit == 10 ? 1'b1 : frame[at_bit]));
      if (valid && ready) begin
        frame <= {1'b1, data, 1'b0};
        at_bit <= 0;
        at_cycle <= 0;
      end else if (at_bit != 10) begin
        at_cycle <= at_cycle == DIVISOR - 1 ? 0 : at_cycle + 1;
        if (at_cycle == DIVISOR - 1) at_bit <= at_bit + 1;
      end
    end
  end
endmodule
