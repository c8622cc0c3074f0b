//! `GET /leads/{id}/consents`.

use axum::extract::State;
use domain::outreach::ConsentState;
use domain::{
    ConsentId, ContactAddress, ContactChannel, ContactPurpose, Lead, LeadId, Permission, PersonalFields, Reachability,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

/// The last word on a channel and purpose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CurrentConsent {
    channel: ContactChannel,
    purpose: ContactPurpose,
    /// What was last said; `null` where nothing was.
    #[schema(required)]
    state: Option<ConsentState>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    at: Option<Timestamp>,
    /// The entry that says so.
    #[schema(required)]
    consent_id: Option<ConsentId>,
}

/// What the national do-not-disturb list said of the lead's number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DoNotDisturbView {
    /// Whether it stands there.
    pub(crate) listed: bool,
    /// When somebody looked.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) checked_at: Timestamp,
}

/// What a lead agreed to, as it stands now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadConsents {
    lead_id: LeadId,
    /// As whoever asks sees it.
    #[schema(required)]
    email: Option<String>,
    #[schema(required)]
    phone: Option<String>,
    /// For each channel that reaches them, each purpose.
    consents: Vec<CurrentConsent>,
    /// `null` where nobody looked.
    #[schema(required)]
    do_not_disturb: Option<DoNotDisturbView>,
}

/// What a lead agreed to on each channel and for each purpose, as it stands now: 1 read and 1 `BatchGetItem`.
#[utoipa::path(
    get, path = "/leads/{id}/consents", tag = "consents", params(("id" = LeadId, Path)),
    responses((status = 200, description = "As it stands.", body = Envelope<LeadConsents>)),
)]
pub(crate) async fn lead_consents(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
) -> Result<Data<LeadConsents>, Problem> {
    let grant = signed_in.caller.allow(Permission::ConsentsRead)?;
    let lead: Lead = app.table().get(&grant, id).await?;
    let email = lead.email.clone().map(ContactAddress::Email);
    let phone = lead.phone.clone().map(ContactAddress::Phone);
    let key = app.table().hash_key();
    let id_of = |address: &ContactAddress| key.reachability_id(grant.organization(), address);
    let (of_email, of_phone) = (email.as_ref().map(id_of), phone.as_ref().map(id_of));
    let ids: Vec<_> = of_email.into_iter().chain(of_phone).collect();
    let known = app.table().get_many::<Reachability>(&grant, &ids).await?;
    let by_email = of_email.map(|id| known.get(&id));
    let by_phone = of_phone.map(|id| known.get(&id));
    let mut consents = Vec::new();
    for channel in ContactChannel::ALL {
        let Some(known) = (if channel.needs_phone() { by_phone } else { by_email }) else { continue };
        consents.extend(ContactPurpose::ALL.iter().map(|purpose| current(*channel, *purpose, known)));
    }
    let dnd = by_phone.flatten().and_then(|known| known.dnd);
    let seen = |address: Option<ContactAddress>, clear: PersonalFields| address.map(|address| address.seen(clear));
    Ok(Data(LeadConsents {
        lead_id: id,
        email: seen(email, grant.clear()),
        phone: seen(phone, grant.clear()),
        consents,
        do_not_disturb: dnd.map(|dnd| DoNotDisturbView { listed: dnd.listed, checked_at: dnd.checked_at }),
    }))
}

fn current(channel: ContactChannel, purpose: ContactPurpose, known: Option<&Reachability>) -> CurrentConsent {
    let standing = known.and_then(|known| known.consent(channel, purpose));
    CurrentConsent {
        channel,
        purpose,
        state: standing.map(|standing| standing.state),
        at: standing.map(|standing| standing.at),
        consent_id: standing.map(|standing| standing.consent),
    }
}
