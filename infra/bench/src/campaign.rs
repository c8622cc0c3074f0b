//! A campaign to many leads, with workers that die at random: who got what, how long it took and what it cost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use local::{Local, Options};
use serde_json::{Value, json};
use standins::outbox::LISTING_LIMIT;
use standins::{Call, Fault, Faults};

use crate::error::BenchError;
use crate::platform::{Ask, Tenant, fill};
use crate::report::{Report, figure};

/// One of so many leads objects to marketing.
const OBJECTS: u32 = 50;
/// A worker dies so long after the one before, at least and at most.
const LIVES: (u64, u64) = (500, 15_000);
/// Where nobody calls for so long, nobody dies.
const LULL: Duration = Duration::from_secs(10);
/// And the next begins so long afterwards.
const REST: Duration = Duration::from_millis(200);
/// SES has told by then that it has what it took, and that was dealt with: seconds, where a lease lasts minutes.
const TOLD: Duration = Duration::from_secs(5);
/// What a queue gave to a worker that died comes again after this.
const VISIBLE: SignedDuration = SignedDuration::from_mins(7);
/// So often the clock is moved until all is done.
const ROUNDS: usize = 60;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    /// `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// What became of a campaign.
struct Outcome {
    /// How often every worker died.
    deaths: u32,
    /// Until the last recipient was planned.
    planned: Duration,
    /// Until the last message had gone out.
    out: Duration,
    calls: f64,
    read_units: f64,
    write_units: f64,
    /// Leads whom a message may reach and who got none.
    forgotten: u64,
    /// Leads who got two messages.
    doubled: u64,
    /// Messages that came a second time as the same message.
    repeated: u64,
    /// Leads who object and got one.
    disturbed: u64,
    /// Whether the campaign's own figures say the same.
    is_true: bool,
    stats: Value,
}

/// Measures with so many leads, while workers die so often.
pub(crate) async fn measure(leads: u32, kills: u32, report: &mut Report) -> Result<(), BenchError> {
    let folder = tempfile::tempdir().map_err(BenchError::io("a folder"))?;
    // 0: all is well; 1 and 2: whoever calls next dies, before its call or after it.
    let death = Arc::new(AtomicU64::new(0));
    let struck = Arc::clone(&death);
    let faults = Faults::decided_by(move |_: &Call<'_>| match struck.swap(0, Ordering::SeqCst) {
        1 => Some(Fault::CrashBefore),
        2 => Some(Fault::CrashAfter),
        _ => None,
    });
    let options = |meter| Options {
        memory: false,
        data: folder.path().to_owned(),
        meter,
        address_requests: Some(0),
        faults: faults.clone(),
        ..Options::default()
    };
    let local = Local::start(options(false)).await?;
    let tenant = Tenant::found(&local).await?;
    fill(&local, &tenant, leads).await?;
    local.shutdown().await;

    let local = Local::start(options(true)).await?;
    let tenant = tenant.renewed(&local).await?;
    // Whatever the hour.
    let awake = json!({"quiet_hours": null}).to_string();
    tenant.call(&local, &Ask::put("/v1/communication-settings".to_owned(), awake)).await?;
    let objecting: BTreeSet<u32> = (0..leads).step_by(OBJECTS as usize).collect();
    for number in &objecting {
        let body = json!({"contact": address(*number), "channel": "email", "reason": "unsubscribe"}).to_string();
        tenant.call(&local, &Ask::post("/v1/suppressions".to_owned(), body)).await?;
    }
    settle(&local).await?;
    let outcome = run(&local, tenant, (leads, &objecting), (kills, &death, &faults)).await?;
    local.shutdown().await;
    tell(leads, &outcome, report);
    Ok(())
}

fn address(number: u32) -> String {
    format!("lead{number}@bench.example")
}

/// Until nothing is left to be done, however long that takes.
async fn settle(local: &Local) -> Result<(), BenchError> {
    for _ in 0..12 {
        if local.idle().await.is_ok() {
            return Ok(());
        }
    }
    Err(BenchError::TooLong("a campaign".to_owned()))
}

async fn run(
    local: &Local,
    mut tenant: Tenant,
    (leads, objecting): (u32, &BTreeSet<u32>),
    (kills, death, faults): (u32, &AtomicU64, &Faults),
) -> Result<Outcome, BenchError> {
    let body = json!({
        "name": "Bench", "type": "email", "target_audience": "all", "subject": "News for {{ lead.first_name }}",
        "content": "Dear {{ lead.name }}, there is news.",
    });
    let made = tenant.call(local, &Ask::post("/v1/campaigns".to_owned(), body.to_string())).await?;
    let id = made["data"]["id"].as_str().unwrap_or_default().to_owned();
    let meter = local.standins.dynamo.meter();
    meter.reset();
    let begun = Instant::now();
    tenant.call(local, &Ask::post(format!("/v1/campaigns/{id}/launch"), "{}".to_owned())).await?;
    let (mut dice, mut deaths) = (Dice(u64::from(leads)), 0);
    for _ in 0..kills {
        let (least, most) = LIVES;
        tokio::time::sleep(Duration::from_millis(least + dice.next() % (most - least))).await;
        death.store(1 + dice.next() % 2, Ordering::SeqCst);
        let armed = Instant::now();
        while !faults.crashed() && armed.elapsed() < LULL {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        death.store(0, Ordering::SeqCst);
        deaths += u32::from(faults.crashed());
        tokio::time::sleep(REST).await;
        faults.revive();
        tokio::time::sleep(TOLD).await;
        // So that the next dies over work, too.
        local.clock.advance(VISIBLE).map_err(|error| BenchError::answer("the clock", error))?;
    }
    let (shown, stats) = (format!("/v1/campaigns/{id}"), format!("/v1/campaigns/{id}/stats"));
    let (mut planned, mut out, mut last) = (None, begun.elapsed(), 0);
    for _ in 0..ROUNDS {
        settle(local).await?;
        // A sign-in is good for an hour, which the clock has moved beyond, or all that went out has taken.
        tenant = tenant.renewed(local).await?;
        let campaign = tenant.call(local, &Ask::get(shown.clone())).await?;
        if planned.is_none() && campaign["data"]["stage"] != "planning" {
            planned = Some(begun.elapsed());
        }
        let sent = local.standins.ses.outbox().count()?;
        if sent > last {
            (last, out) = (sent, begun.elapsed());
        }
        if campaign["data"]["status"] == "completed" {
            break;
        }
        local.clock.advance(VISIBLE).map_err(|error| BenchError::answer("the clock", error))?;
    }
    settle(local).await?;
    tenant = tenant.renewed(local).await?;
    let totals = meter.totals();
    let each = |total: f64| total / f64::from(leads);
    let stats = tenant.call(local, &Ask::get(stats)).await?["data"].clone();
    let got = outbox(local)?;
    let (mut forgotten, mut doubled, mut repeated, mut disturbed) = (0, 0, 0, 0);
    for number in 0..leads {
        let messages = got.get(&address(number));
        let different = messages.map_or(0, BTreeMap::len);
        repeated += messages.into_iter().flat_map(BTreeMap::values).map(|times| times - 1).sum::<u64>();
        match (objecting.contains(&number), different) {
            (true, 0) | (false, 1) => {}
            (true, _) => disturbed += 1,
            (false, 0) => forgotten += 1,
            (false, _) => doubled += 1,
        }
    }
    let (all, objected) = (u64::from(leads), objecting.len() as u64);
    let is_true = stats["total_recipients"] == json!(all)
        && stats["sent"] == json!(all - objected)
        && stats["refused"] == json!({"unsubscribed": objected})
        && stats["pending"] == json!(0)
        && stats["failed"] == json!(0);
    Ok(Outcome {
        deaths,
        planned: planned.unwrap_or(out),
        out,
        calls: each(f64::from(u32::try_from(totals.calls).unwrap_or(u32::MAX))),
        read_units: each(totals.read_units),
        write_units: each(totals.write_units),
        forgotten,
        doubled,
        repeated,
        disturbed,
        is_true,
        stats,
    })
}

/// What each address got: how often each message came, by its id.
type Got = BTreeMap<String, BTreeMap<String, u64>>;

fn outbox(local: &Local) -> Result<Got, BenchError> {
    let (mut got, mut before) = (Got::new(), None);
    loop {
        let page = local.standins.ses.outbox().messages(before, LISTING_LIMIT)?;
        let Some(last) = page.last() else { return Ok(got) };
        before = Some(last.id);
        for message in &page {
            let raw = String::from_utf8_lossy(&message.raw);
            let id = raw.lines().find(|line| line.to_ascii_lowercase().starts_with("message-id:")).unwrap_or_default();
            *got.entry(message.to.join(", ")).or_default().entry(id.to_owned()).or_default() += 1;
        }
    }
}

fn tell(leads: u32, outcome: &Outcome, report: &mut Report) {
    let Outcome {
        deaths,
        planned,
        out,
        calls,
        read_units,
        write_units,
        forgotten,
        doubled,
        repeated,
        disturbed,
        is_true,
        stats,
    } = outcome;
    report.heading("A campaign");
    report.note(&format!(
        "By e-mail to every lead; one in {OBJECTS} objects. Every worker dies at the next call of any of them, {deaths} times at \
         random, and begins again {} ms later; what queues had given to them comes again when it is visible, for which the \
         clock is moved after each of them. Calls and units are those for each recipient, events, figures and deaths included. *repeated*: the \
         same message a second time, as its worker died between the provider's answer and the note of it, and the provider's own \
         word that it has it was not heard before somebody took it up again. The campaign's own figures: `{stats}`.",
        REST.as_millis()
    ));
    let number = |number: u64| figure(f64::from(u32::try_from(number).unwrap_or(u32::MAX)));
    report.table(
        &[
            "leads",
            "deaths",
            "planned s",
            "out s",
            "per s",
            "calls",
            "r",
            "w",
            "forgotten",
            "doubled",
            "repeated",
            "disturbed",
            "figures",
        ],
        &[vec![
            number(leads.into()),
            number((*deaths).into()),
            figure(planned.as_secs_f64()),
            figure(out.as_secs_f64()),
            figure(f64::from(leads) / out.as_secs_f64()),
            figure(*calls),
            figure(*read_units),
            figure(*write_units),
            number(*forgotten),
            number(*doubled),
            number(*repeated),
            number(*disturbed),
            if *is_true { "true".to_owned() } else { "**false**".to_owned() },
        ]],
    );
}
