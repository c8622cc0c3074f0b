//! `cargo run`: the whole platform on one machine.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use local::{Local, Options, openapi, screen};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sampark on this machine: the API, its workers and their clock, from template.yaml.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Run,
}

#[derive(Args)]
struct Run {
    /// Port of the API; S3 and DynamoDB listen on the two after it. 0 takes free ones
    #[arg(long, env = "SAMPARK_PORT", default_value_t = 3000)]
    port: u16,
    /// Folder where data is kept
    #[arg(long, env = "SAMPARK_DATA", default_value = ".sampark")]
    data: PathBuf,
    /// Keep nothing
    #[arg(long)]
    memory: bool,
    /// Requests an hour that one address may make without sign-in, 0 for any number; as deployed by default
    #[arg(long, env = "SAMPARK_ADDRESS_REQUESTS")]
    address_requests: Option<u32>,
    /// Let webhooks ask this machine too (`http://localhost:8000/hooks`), for trying out a receiver
    #[arg(long, env = "SAMPARK_WEBHOOKS_TO_LOOPBACK")]
    webhooks_to_loopback: bool,
    /// Start without the demo organizations
    #[arg(long)]
    no_demo: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Print the API's document (OpenAPI 3.1)
    Openapi {
        /// Compare it with infra/openapi.json instead, and fail where they differ
        #[arg(long, conflicts_with = "write")]
        check: bool,
        /// Write infra/openapi.json instead
        #[arg(long)]
        write: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Some(Command::Openapi { check, write }) => document(check, write),
        None => run(arguments.run).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&*error);
            ExitCode::FAILURE
        }
    }
}

async fn run(run: Run) -> Result<(), Box<dyn std::error::Error>> {
    let Run { port, data, memory, address_requests, webhooks_to_loopback, no_demo } = run;
    let chosen = std::env::var("RUST_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(chosen.unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN)))
        .init();
    let demo = !no_demo;
    let options = Options { port, data, memory, demo, address_requests, webhooks_to_loopback, ..Options::default() };
    let shown = options.clone();
    let local = Local::start(options).await?;
    std::io::stdout().write_all(screen::text(&local, &shown).as_bytes())?;
    stopped().await?;
    // Asked twice, it does not wait for what is under way.
    tokio::select! {
        () = local.shutdown() => Ok(()),
        again = stopped() => Ok(again?),
    }
}

/// Ctrl-C, or the polite signal of whoever manages processes.
async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn document(check: bool, write: bool) -> Result<(), Box<dyn std::error::Error>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    let document = openapi::document()?;
    if write {
        std::fs::write(path, document)?;
    } else if check {
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        if let Some(difference) = openapi::difference(&committed, &document) {
            return Err(difference.into());
        }
    } else {
        std::io::stdout().write_all(document.as_bytes())?;
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "the last words of a program")]
fn complain(error: &dyn std::error::Error) {
    eprintln!("sampark: {error}");
}
