// Proof: a byte that the transmitter takes is on the line in the next ten bits, each as long as the
// next, start bit, data from the lowest, stop bit; between bytes the line is 1, and after ten bits it
// is ready again. Two bytes' time, bits two cycles long, any bytes, any gaps.
//
// Sources: board/uart_transmitter.sv
// Steps: bmc 44
// Mistake: board/uart_transmitter.sv: s/bits_left <= 10/bits_left <= 9/
// Mistake: board/uart_transmitter.sv: s/{data, 1'b0}/{1'b0, data}/
// Mistake: board/uart_transmitter.sv: s/Divisor - 1)/Divisor)/
// Mistake: board/uart_transmitter.sv: s/{1'b1, shift/{1'b0, shift/
module uart_proof (
    input  logic clk,
    input  logic valid,
    input  logic [7:0] data,
    output logic ready,
    output logic line
);
  localparam Divisor = 2;
  logic reset;
  initial reset = 1;
  always_ff @(posedge clk) reset <= 0;
  uart_transmitter #(
      .Divisor(Divisor)
  ) transmitter (
      .clk(clk),
      .reset(reset),
      .valid(valid),
      .ready(ready),
      .data(data),
      .line(line)
  );

  logic [9:0] frame;  // stop bit, data, start bit
  logic [3:0] at_bit;  // 10: none is on the line
  logic at_cycle;
  initial at_bit = 10;
  always_ff @(posedge clk) begin
    if (!reset) begin
      assert (ready == (at_bit == 10));
      assert (line == (at_bit == 10 ? 1'b1 : frame[at_bit]));
      if (valid && ready) begin
        frame <= {1'b1, data, 1'b0};
        at_bit <= 0;
        at_cycle <= 0;
      end else if (at_bit != 10) begin
        at_cycle <= !at_cycle;
        if (at_cycle) at_bit <= at_bit + 1;
      end
    end
  end
endmodule
