// The ULX3S board: 25 MHz in, names out on the USB serial line (115200 baud, 8N1), LEDs.
//
//   FIRE1  begins again, with the same seeds: the same names
//   FIRE2  begins again, with new seeds: how long until the button was let go, in cycles
//   SW1    four names at a time, instead of one
//   SW2    always the most likely letter
//   (The switches count when the chip begins: at power on, FIRE1 and FIRE2.)
//
//   led[5:0]  where the last name began in the alphabet (1 is a), so it flickers with the names
//   led[6]    the serial line is the bottleneck: the chip has been waiting for it
//   led[7]    the clock runs: about once a second
//
// The chip makes a token in 129 cycles; the line takes 2,170 for a letter. So the chip waits, nearly
// always, for out_ready; which is what ready and valid are for.
//
// The circuit runs at the board's own 25 MHz. The FPGA's PLL could make a faster clock of these, but not
// one of twice the frequency that the circuit could follow (synth/README.md).
module ulx3s_top #(
    parameter int Divisor = 217,  // cycles a bit of the serial line: 25 MHz / 115200
    parameter int Log2Rest = 18,  // of the buttons, see button.sv
    // States of xorshift32: those that the programs of the ladder have with --seed 42.
    parameter logic [127:0] Seeds = 128'h6a18965c_72539538_fa4f9455_57e1faba,
    parameter logic [15:0] InverseTemperature = 16'd2048  // unsigned Q6.10: temperature 0.5
) (
    input  logic       clk_25mhz,
    input  logic [6:0] btn,
    input  logic [1:0] sw,
    output logic [7:0] led,
    output logic       ftdi_rxd,
    output logic       wifi_gpio0
);
  logic clk;
  assign clk = clk_25mhz;
  assign wifi_gpio0 = 1'b1;  // the ESP32 beside the FPGA stays out of it

  // Reset: when the chip is configured, and with a button; for 16 cycles more.
  logic again, other;
  button #(.Log2Rest(Log2Rest)) fire1 (.clk, .pin(btn[1]), .pressed(again));
  button #(.Log2Rest(Log2Rest)) fire2 (.clk, .pin(btn[2]), .pressed(other));
  logic [3:0] reset_left;
  logic reset;
  logic [31:0] cycles;
  logic [127:0] seeds;
  logic interleaved, greedy;
  initial begin
    reset_left = 4'hf;
    cycles = 32'd1;
    seeds = Seeds;
    interleaved = 1'b0;
    greedy = 1'b0;
  end
  assign reset = reset_left != 4'd0;
  always_ff @(posedge clk) begin
    if (again || other) reset_left <= 4'hf;
    else if (reset) reset_left <= reset_left - 4'd1;
    cycles <= cycles + 32'd1;
    // 0 is no state of xorshift32.
    if (other) for (int i = 0; i < 4; i++) seeds[32*i+:32] <= (Seeds[32*i+:32] ^ cycles) | 32'd1;
    if (reset_left == 4'hf) begin
      interleaved <= sw[0];
      greedy <= sw[1];
    end
  end

  logic token_valid, token_ready, token_end;
  logic [1:0] token_stream;
  logic [4:0] token;
  chip core (
      .clk,
      .rst(reset),
      .interleaved,
      .greedy,
      .teach(1'b0),
      .inverse_temperature(InverseTemperature),
      .seeds,
      .in_valid(1'b0),
      .in_token(5'd0),
      .in_position(4'd0),
      .out_valid(token_valid),
      .out_ready(token_ready),
      .out_stream(token_stream),
      .out_token(token),
      .out_end(token_end),
      // verilator lint_off PINCONNECTEMPTY
      .in_ready(),
      .in_stream(),
      .logits_valid(),
      .logits_stream(),
      .logits()
      // verilator lint_on PINCONNECTEMPTY
  );

  logic byte_valid, byte_ready, line_valid, line_ready;
  logic [7:0] text_byte, line_byte;
  name_lines text (
      .clk,
      .reset,
      .in_valid(token_valid),
      .in_ready(token_ready),
      .in_stream(token_stream),
      .in_token(token),
      .in_end(token_end),
      .out_valid(byte_valid),
      .out_ready(byte_ready),
      .out_byte(text_byte)
  );
  fifo queue (
      .clk,
      .reset,
      .in_valid(byte_valid),
      .in_ready(byte_ready),
      .in_data(text_byte),
      .out_valid(line_valid),
      .out_ready(line_ready),
      .out_data(line_byte)
  );
  uart_transmitter #(.Divisor(Divisor)) serial (
      .clk,
      .reset,
      .valid(line_valid),
      .ready(line_ready),
      .data(line_byte),
      .line(ftdi_rxd)
  );

  logic [5:0] initial_letter;
  logic at_start;
  always_ff @(posedge clk) begin
    if (reset) begin
      at_start <= 1'b1;
      initial_letter <= 6'd0;
    end else if (line_valid && line_ready) begin
      at_start <= line_byte == 8'h0a;
      if (at_start) initial_letter <= {1'b0, line_byte[4:0]};
    end
  end
  assign led = {cycles[24], byte_valid && !byte_ready, initial_letter};

  // verilator lint_off UNUSEDSIGNAL
  logic unused;
  assign unused = &{1'b0, btn[6:3], btn[0]};
  // verilator lint_on UNUSEDSIGNAL
endmodule
