//! What a person sees when the platform has started.

use std::fmt::Write as _;

use crate::{DEMO_PASSWORD, Local, Options, demo_owners};

/// The start screen: one screen, with one command that works as pasted.
pub fn text(local: &Local, options: &Options) -> String {
    let base = local.base_url.replace("127.0.0.1", "localhost");
    let socket_stage = local.template.socket_stage.as_deref().unwrap_or_default();
    let sockets = format!("{}/{socket_stage}", base.replacen("http", "ws", 1));
    let kept = if options.memory { "nothing is kept".to_owned() } else { options.data.display().to_string() };
    let mut screen = format!(
        "Sampark runs on this machine. Ctrl-C stops it.\n\n  \
         API       {base}/v1   also {base}/api  {base}/api/v1\n  \
         realtime  {sockets}   with a token of POST /realtime/token\n  \
         docs      {base}/docs\n  \
         outbox    {base}/outbox   what would have been sent\n  \
         clock     {base}/clock    POST {{\"advance\": \"PT1H\"}} moves it\n  \
         DynamoDB  {}\n  \
         S3        {}\n  \
         data      {kept}\n",
        local.dynamo_url, local.s3_url,
    );
    let ahead = local.clock.ahead();
    // Writing to a string cannot fail.
    if ahead.as_secs() != 0 {
        let _ = writeln!(screen, "  the clock is {ahead:#} ahead of this machine's");
    }
    if options.demo {
        let _ = writeln!(screen, "\nDemo sign-ins, all with the password {DEMO_PASSWORD} (for this machine only):");
        let owners: Vec<_> = demo_owners().collect();
        for (name, email) in &owners {
            let _ = writeln!(screen, "  {email:<26} {name}");
        }
        if let Some((_, email)) = owners.first() {
            let _ = writeln!(
                screen,
                "\nTry it:\n  curl -s '{base}/v1/leads?limit=3' -H \"Authorization: Bearer $(curl -s {base}/v1/auth/login \
                 -H 'Content-Type: application/json' \
                 -d '{{\"email\":\"{email}\",\"password\":\"{DEMO_PASSWORD}\"}}' \
                 | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\""
            );
        }
    }
    screen
}
