//! `oprom`.

use std::process::ExitCode;

fn main() -> ExitCode {
    rom_cli::run()
}
