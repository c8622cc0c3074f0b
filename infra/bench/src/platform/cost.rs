//! What an operation costs on DynamoDB: calls and capacity units.

use std::sync::Arc;

use local::Local;
use standins::dynamo::OperationCost;

use super::operations::Operation;
use super::tenant::Tenant;
use crate::error::BenchError;
use crate::report::figure;

/// Over so many requests the cost is told, so that what happens now and then shows.
const REQUESTS: u32 = 20;

/// The cost of one request.
pub(super) struct RequestCost {
    pub(super) calls: f64,
    pub(super) read_units: f64,
    pub(super) write_units: f64,
    /// The same by DynamoDB's operations, in words.
    pub(super) parts: String,
}

/// The cost of an operation, what follows from it included.
pub(super) async fn measure(
    local: &Local,
    tenant: &Tenant,
    operation: &Arc<Operation>,
) -> Result<RequestCost, BenchError> {
    // The first fills what is remembered between requests.
    tenant.call(local, &operation.ask(0, 0)).await?;
    local.idle().await?;
    let meter = local.standins.dynamo.meter();
    meter.reset();
    for turn in 1..=REQUESTS {
        tenant.call(local, &operation.ask(0, turn as usize)).await?;
    }
    local.idle().await?;
    let each = |total: f64| total / f64::from(REQUESTS);
    let calls = |calls: u64| each(f64::from(u32::try_from(calls).unwrap_or(u32::MAX)));
    let part = |OperationCost { operation, cost }: OperationCost| {
        let units = [(cost.read_units, "r"), (cost.write_units, "w")]
            .map(|(units, kind)| if units > 0.0 { format!(" {}{kind}", figure(each(units))) } else { String::new() });
        format!("{} {operation}{}", figure(calls(cost.calls)), units.concat())
    };
    let parts = meter.snapshot().into_iter().map(part).collect::<Vec<_>>().join("; ");
    let total = meter.totals();
    Ok(RequestCost {
        calls: calls(total.calls),
        read_units: each(total.read_units),
        write_units: each(total.write_units),
        parts,
    })
}
