use std::path::PathBuf;

use jiff::Timestamp;
use standins::Faults;

/// How a platform is to run.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Options {
    /// The port of the API; S3 and DynamoDB listen on the two after it. 0 takes three that are free.
    pub port: u16,
    /// Keep nothing: everything ends with the platform.
    pub memory: bool,
    /// The folder where data is kept, unless `memory`.
    pub data: PathBuf,
    /// Set up the demo organizations where they are not yet.
    pub demo: bool,
    /// Count DynamoDB's calls and capacity units, in `standins.dynamo.meter()`.
    pub meter: bool,
    /// Requests an hour of one address without sign-in; 0 for any number. The template's default where it is `None`.
    pub address_requests: Option<u32>,
    /// Let webhooks ask this machine itself, over `http` too.
    pub webhooks_to_loopback: bool,
    /// What goes wrong between the SDK and the services.
    pub faults: Faults,
    /// When the platform's clock begins, unless its data tells; the machine's time by default.
    pub now: Option<Timestamp>,
}

impl Default for Options {
    /// What tests want: in memory, on free ports, without demo data.
    fn default() -> Self {
        Self {
            port: 0,
            memory: true,
            data: PathBuf::from(".sampark"),
            demo: false,
            meter: false,
            address_requests: None,
            webhooks_to_loopback: false,
            faults: Faults::none(),
            now: None,
        }
    }
}
