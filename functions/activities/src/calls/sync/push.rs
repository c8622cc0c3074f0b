//! `POST /calls/sync`.

use axum::extract::State;
use domain::call::CallPatch;
use domain::{Call, Change, Grant, Permission};
use serde_json::{Map, Value};
use views::CallView;
use web::sync::{Merged, Offline, SyncAnswer, SyncRequest, push, read};
use web::{App, Body, Data, Envelope, Fields, Problem, SignedIn};

use crate::calls::create::{CallCreate, dialled};
use crate::calls::update::CallUpdate;

/// Takes the calls that a client made and changed while it was offline, and tells it what else it must know; see
/// `POST /leads/sync` for how changes are merged.
///
/// A call that was held offline comes as one creation with its times; what begins or ends by an update does so by our
/// clock. Costs as the operations themselves, and as a fetch.
#[utoipa::path(
    post, path = "/calls/sync", tag = "calls", request_body = SyncRequest,
    responses((status = 200, description = "What became of each change.", body = Envelope<SyncAnswer<CallView>>)),
)]
pub(crate) async fn call_sync_push(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<SyncRequest>,
) -> Result<Data<SyncAnswer<CallView>>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsRead)?;
    let calls = Calls { app: &app, signed_in: &signed_in, grant: &grant };
    Ok(Data(push(&app, &signed_in, &grant, &calls, body).await?))
}

struct Calls<'a> {
    app: &'a App,
    signed_in: &'a SignedIn,
    grant: &'a Grant,
}

impl Offline for Calls<'_> {
    type Record = Call;
    type View = CallView;
    type Asked = CallPatch;

    const WRITE: Permission = Permission::CallsWrite;
    const DELETE: Permission = Permission::CallsDelete;
    const CREATES: &'static [&'static str] = CallCreate::WRITES;
    const UPDATES: &'static [&'static [&'static str]] = &[CallUpdate::WRITES];

    async fn create(&self, fields: Map<String, Value>) -> Result<Change<Call>, Problem> {
        dialled(self.app, self.signed_in, self.grant, read(fields)?).await
    }

    async fn asked(&self, fields: Map<String, Value>) -> Result<CallPatch, Problem> {
        read::<CallUpdate>(fields)?.patch(self.app, self.signed_in, self.grant).await
    }

    fn writing(&self, asked: &CallPatch) -> Vec<&'static str> {
        asked.writing()
    }

    fn wanted(&self, call: Call, asked: &CallPatch) -> Result<Call, Problem> {
        let wanted = call.update(CallPatch { status: None, ..asked.clone() }, self.app.now())?.after;
        Ok(Call { status: asked.status.unwrap_or(wanted.status), ..wanted })
    }

    fn merged(&self, call: Call, asked: &CallPatch, kept: &[&str]) -> Result<Merged<Call>, Problem> {
        Ok(call.update(asked.clone().without(kept.iter().copied()), self.app.now())?.into())
    }

    fn deleted(&self, call: Call) -> Change<Call> {
        call.delete(self.app.now())
    }

    fn view(&self, call: Call) -> CallView {
        CallView::seen_by(self.grant, call)
    }
}
