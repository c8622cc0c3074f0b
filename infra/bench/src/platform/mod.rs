//! The local platform under load, at several sizes.

mod connection;
mod cost;
mod floor;
mod load;
mod operations;
mod sheet;
mod tenant;
mod webhooks;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use local::{Local, Options};

use crate::error::BenchError;
use crate::report::{Report, figure, millis};
pub(crate) use connection::Connection;
use cost::RequestCost;
use floor::{Alone, Calls, Floor};
use load::Load;
pub(crate) use operations::Ask;
pub(crate) use tenant::Imported;

pub(crate) use tenant::Tenant;
use webhooks::Connections;

/// As many rows as the file of leads has that the issue's figures are about.
const IMPORTED: u32 = 9_240;
/// Numbers of the leads that the file to import has, and of those created.
const IMPORTED_FROM: u32 = 1_000_000;
const CREATED_FROM: u32 = 2_000_000;

/// Everything of one size.
struct Size {
    leads: u32,
    /// Leads that were created under load.
    created: u32,
    operations: Vec<Measured>,
    filled: Imported,
    imported: Imported,
    import_alone: Duration,
}

struct Measured {
    name: &'static str,
    /// How it is for one caller, while nobody else asks.
    one: Load,
    load: Load,
    /// How long what follows from the writes took after the last of them.
    settled: Duration,
    cost: Option<RequestCost>,
    alone: Option<Alone>,
}

/// Measures the operations at these numbers of leads, each cell for so long.
pub(crate) async fn measure(
    sizes: &[u32],
    lasting: Duration,
    import: Option<&[u8]>,
    report: &mut Report,
) -> Result<(), BenchError> {
    let mut measured = Vec::new();
    for leads in sizes {
        measured.push(size(*leads, lasting, import).await?);
    }
    report.heading("The local platform");
    report.note(&format!(
        "{} callers over loopback, keep-alive, {} s a cell, data on a file. Callers and platform share the cores. \
         *one*: the answers to one caller, while nobody else asks. *alone*: the same DynamoDB calls on the same data through the SDK, without the operation; what is between \
         is ours. *cpu*: processor time of the platform for each request, what follows in the background included. \
         *settled*: what search and counters still had to do when the last write was answered.",
        load::CLIENTS,
        lasting.as_secs_f64()
    ));
    rates(&measured, report);
    report.note(
        "Cost of one request, what follows from it included (r, w: read and write units). The plan's limits are \
         raised: at the usual 1,000 requests an hour, each tenth request of a person costs one write more.",
    );
    costs(&measured, report);
    report.note("Imports. *alone*: as many leads with events and claims, in transactions of 100, through the SDK.");
    imports(&measured, report);
    Ok(())
}

async fn size(leads: u32, lasting: Duration, import: Option<&[u8]>) -> Result<Size, BenchError> {
    let folder = tempfile::tempdir().map_err(BenchError::io("a folder"))?;
    let options = |meter| Options {
        memory: false,
        data: folder.path().to_owned(),
        meter,
        address_requests: Some(0),
        ..Options::default()
    };
    let next = Arc::new(AtomicU32::new(CREATED_FROM));

    let local = Local::start(options(false)).await?;
    let address = local.base_url.trim_start_matches("http://").parse();
    let address = address.map_err(|error| BenchError::answer(&local.base_url, error))?;
    let tenant = Tenant::found(&local).await?;
    let filled = fill(&local, &tenant, leads).await?;
    let ids: Arc<[String]> = tenant.ids(&local).await?.into();
    let connections = Connections::make(&local, &tenant).await?;
    let mut operations = operations::all(&ids, &next);
    operations.push(webhooks::message(&connections, leads, &Arc::default()));
    let mut loads = Vec::new();
    for operation in &operations {
        let one = load::load(address, &tenant.token, operation, 1, lasting / 2).await?;
        local.idle().await?;
        let load = load::load(address, &tenant.token, operation, load::CLIENTS, lasting).await?;
        let begun = std::time::Instant::now();
        local.idle().await?;
        loads.push((one, load, begun.elapsed()));
    }
    let made_up;
    let file = match import {
        Some(file) => file,
        None => {
            made_up = sheet::csv(IMPORTED_FROM..IMPORTED_FROM + IMPORTED);
            made_up.as_bytes()
        }
    };
    let created = next.load(Ordering::Relaxed) - CREATED_FROM;
    let imported = tenant.import(&local, "import.csv", file).await?;
    local.shutdown().await;

    let local = Local::start(options(true)).await?;
    let mut costs = Vec::new();
    for operation in operations.iter().filter(|operation| operation.status < 400) {
        costs.push((operation.name, cost::measure(&local, &tenant, operation).await?));
    }
    let table = local.template.tables.first().map(|table| table.name.clone()).unwrap_or_default();
    local.shutdown().await;

    let floor = Arc::new(Floor::open(folder.path(), &table, tenant.organization, &ids).await?);
    let mut measured = Vec::new();
    for (operation, (one, load, settled)) in operations.iter().zip(loads) {
        let alone = match calls(operation.name) {
            Some(calls) => Some(floor.measure(calls, lasting / 2).await?),
            None => None,
        };
        let place = costs.iter().position(|(name, _)| *name == operation.name);
        let cost = place.map(|place| costs.swap_remove(place).1);
        measured.push(Measured { name: operation.name, one, load, settled, cost, alone });
    }
    let import_alone = floor.import(usize::try_from(imported.created).unwrap_or_default()).await?;
    Ok(Size { leads, created, operations: measured, filled, imported, import_alone })
}

/// An organization with a few pages of leads, and the id of one.
pub(crate) async fn found_with_leads(local: &Local) -> Result<(Tenant, String), BenchError> {
    let tenant = Tenant::found(local).await?;
    for number in 0..150 {
        tenant.call(local, &Ask::post("/v1/leads".to_owned(), sheet::lead(number).to_string())).await?;
    }
    local.idle().await?;
    let id = tenant.ids(local).await?.swap_remove(0);
    Ok((tenant, id))
}

/// Fills the organization by imports.
pub(crate) async fn fill(local: &Local, tenant: &Tenant, leads: u32) -> Result<Imported, BenchError> {
    let mut whole = Imported { created: 0, completed: Duration::ZERO, settled: Duration::ZERO };
    for (number, rows) in sheet::files(leads).enumerate() {
        let Imported { created, completed, settled } =
            tenant.import(local, &format!("fill-{number}.csv"), sheet::csv(rows).as_bytes()).await?;
        whole.created += created;
        whole.completed += completed;
        whole.settled += settled;
    }
    if whole.created == u64::from(leads) {
        Ok(whole)
    } else {
        Err(BenchError::answer("import", format!("{} of {leads} rows became leads", whole.created)))
    }
}

fn calls(operation: &str) -> Option<Calls> {
    match operation {
        "read" => Some(Calls::Read),
        "list 50" => Some(Calls::List),
        "search" => Some(Calls::Search),
        "status change" => Some(Calls::Status),
        "create" => Some(Calls::Create),
        _ => None,
    }
}

/// The rows of all sizes, those of one operation together.
fn by_operation<'a>(
    sizes: &'a [Size],
    row: impl Fn(&'a Size, &'a Measured) -> Option<Vec<String>>,
) -> Vec<Vec<String>> {
    let count = sizes.first().map_or(0, |size| size.operations.len());
    let places = (0..count).flat_map(|place| sizes.iter().map(move |size| (size, &size.operations[place])));
    places.filter_map(|(size, measured)| row(size, measured)).collect()
}

fn leads(number: u32) -> String {
    figure(f64::from(number))
}

fn rates(sizes: &[Size], report: &mut Report) {
    let headers = [
        "operation",
        "leads",
        "per s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "one p50 ms",
        "one p99 ms",
        "cpu ms",
        "settled ms",
        "alone per s",
        "alone p95 ms",
    ];
    let rows = by_operation(sizes, |size, measured| {
        let Measured { name, one, load, settled, cost: _, alone } = measured;
        let alone = alone.as_ref();
        let writes = matches!(*name, "status change" | "create" | "webhook");
        Some(vec![
            (*name).to_owned(),
            leads(size.leads),
            figure(load.rate),
            millis(load.spread.median()),
            millis(load.spread.percentile(95)),
            millis(load.spread.percentile(99)),
            millis(one.spread.median()),
            millis(one.spread.percentile(99)),
            millis(load.cpu),
            if writes { millis(*settled) } else { String::new() },
            alone.map(|alone| figure(alone.rate)).unwrap_or_default(),
            alone.map(|alone| millis(alone.spread.percentile(95))).unwrap_or_default(),
        ])
    });
    report.table(&headers, &rows);
}

fn costs(sizes: &[Size], report: &mut Report) {
    let rows = by_operation(sizes, |size, measured| {
        let RequestCost { calls, read_units, write_units, parts } = measured.cost.as_ref()?;
        let name = measured.name.to_owned();
        Some(vec![name, leads(size.leads), figure(*calls), figure(*read_units), figure(*write_units), parts.clone()])
    });
    report.table(&["operation", "leads", "calls", "r", "w", "of which"], &rows);
}

fn imports(sizes: &[Size], report: &mut Report) {
    let row = |leads_before: u32, imported: &Imported, alone: Option<Duration>| {
        let rows = f64::from(u32::try_from(imported.created).unwrap_or(u32::MAX));
        let seconds = |duration: Duration| figure(duration.as_secs_f64());
        vec![
            figure(rows),
            leads(leads_before),
            seconds(imported.completed),
            seconds(imported.settled),
            figure(rows / imported.completed.as_secs_f64()),
            alone.map(seconds).unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = sizes
        .iter()
        .flat_map(|size| {
            [row(0, &size.filled, None), row(size.leads + size.created, &size.imported, Some(size.import_alone))]
        })
        .collect();
    report.table(&["rows", "leads before", "completed s", "settled s", "rows per s", "alone s"], &rows);
}
