// The board's 25 MHz made into the circuit's clock by a PLL, which runs inside at 600 MHz:
// 25 MHz * 4 = 600 MHz / 6 = 100 MHz. The numbers are those of Project Trellis's `ecppll`.
// A simulation has no PLL: there the circuit runs at the board's clock.
module core_clock (
    input  logic clk_25mhz,
    output logic clk,
    output logic locked
);
`ifdef SYNTH_ECP5
  (* FREQUENCY_PIN_CLKI="25", FREQUENCY_PIN_CLKOP="100", ICP_CURRENT="12", LPF_RESISTOR="8" *)
  (* MFG_ENABLE_FILTEROPAMP="1", MFG_GMCREF_SEL="2" *)
  EHXPLLL #(
      .CLKI_DIV(1),
      .CLKFB_DIV(4),
      .CLKOP_DIV(6),
      .CLKOP_CPHASE(2),
      .CLKOP_FPHASE(0),
      .CLKOP_ENABLE("ENABLED"),
      .FEEDBK_PATH("CLKOP"),
      .PLLRST_ENA("DISABLED"),
      .INTFB_WAKE("DISABLED"),
      .STDBY_ENABLE("DISABLED"),
      .DPHASE_SOURCE("DISABLED"),
      .OUTDIVIDER_MUXA("DIVA"),
      .OUTDIVIDER_MUXB("DIVB"),
      .OUTDIVIDER_MUXC("DIVC"),
      .OUTDIVIDER_MUXD("DIVD")
  ) pll (
      .RST(1'b0),
      .STDBY(1'b0),
      .CLKI(clk_25mhz),
      .CLKOP(clk),
      .CLKFB(clk),
      .CLKINTFB(),
      .PHASESEL0(1'b0),
      .PHASESEL1(1'b0),
      .PHASEDIR(1'b1),
      .PHASESTEP(1'b1),
      .PHASELOADREG(1'b1),
      .PLLWAKESYNC(1'b0),
      .ENCLKOP(1'b0),
      .LOCK(locked)
  );
`else
  assign clk = clk_25mhz;
  assign locked = 1'b1;
`endif
endmodule
