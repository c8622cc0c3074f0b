//! Measures the local platform and the functions' binaries. `scripts/bench` builds and runs it.

mod campaign;
mod cpu;
mod error;
mod functions;
mod platform;
mod report;
mod sockets;
mod spread;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use error::BenchError;
use report::Report;

/// As the local platform has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rates, latencies and cost of the local platform; size and start of each function.
#[derive(Parser)]
#[command(version)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct Arguments {
    /// 1,000 and 10,000 leads only, shorter cells, 5 starts of each function
    #[arg(long)]
    quick: bool,
    /// Only the functions' binaries
    #[arg(long, conflicts_with = "platform_only")]
    functions_only: bool,
    /// Only the platform
    #[arg(long)]
    platform_only: bool,
    /// Only live updates
    #[arg(long, conflicts_with_all = ["functions_only", "platform_only"])]
    sockets_only: bool,
    /// Only a campaign
    #[arg(long, conflicts_with_all = ["functions_only", "platform_only", "sockets_only"])]
    campaign_only: bool,
    /// Leads that the campaign is for
    #[arg(long, default_value_t = 10_000)]
    recipients: u32,
    /// How often every worker dies meanwhile
    #[arg(long, default_value_t = 12)]
    deaths: u32,
    /// WebSocket clients that listen
    #[arg(long, default_value_t = 1_000)]
    sockets: usize,
    /// Numbers of leads, in place of 1,000, 10,000 and 100,000
    #[arg(long, value_delimiter = ',')]
    leads: Option<Vec<u32>>,
    /// A CSV or XLSX file to import, in place of 9,240 made-up rows
    #[arg(long)]
    import: Option<PathBuf>,
    /// Folder of the functions' release binaries
    #[arg(long, default_value = "target/release")]
    binaries: PathBuf,
    /// Where the Markdown goes
    #[arg(long, default_value = "target/bench.md")]
    out: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), BenchError> {
    let Arguments {
        quick,
        functions_only,
        platform_only,
        sockets_only,
        campaign_only,
        recipients,
        deaths,
        sockets,
        leads,
        import,
        binaries,
        out,
    } = arguments;
    let mut report = Report::new("Benchmark");
    report.note(&cpu::machine());
    if cfg!(debug_assertions) {
        report.note("**Not optimized: these figures say nothing.**");
    }
    if !functions_only && !campaign_only {
        sockets::measure(sockets, &mut report).await?;
    }
    if !functions_only && !sockets_only {
        campaign::measure(recipients, deaths, &mut report).await?;
    }
    if !functions_only && !sockets_only && !campaign_only {
        let sizes = leads.unwrap_or_else(|| if quick { vec![1_000, 10_000] } else { vec![1_000, 10_000, 100_000] });
        let cell = Duration::from_millis(if quick { 1_000 } else { 3_000 });
        let import = import.map(std::fs::read).transpose().map_err(BenchError::io("the file to import"))?;
        platform::measure(&sizes, cell, import.as_deref(), &mut report).await?;
    }
    if !platform_only && !sockets_only && !campaign_only {
        functions::measure(&binaries, if quick { 5 } else { 15 }, &mut report).await?;
    }
    std::fs::write(&out, report.markdown()).map_err(BenchError::io(out.display().to_string()))
}

#[expect(clippy::print_stderr, reason = "the last words of a program")]
fn complain(error: &BenchError) {
    eprintln!("bench: {error}");
}
