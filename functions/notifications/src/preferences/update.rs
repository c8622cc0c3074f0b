//! `PUT /notifications/preferences`.

use std::collections::BTreeMap;

use axum::extract::State;
use domain::notification::{Channel, ChoicesPatch, Frequency, Minute, PreferencesPatch, QuietHours, Weekday};
use domain::organization::zone;
use domain::user::NotificationChoices;
use domain::{Caller, Change, FieldInvalid, Invalid, NotificationType, OrganizationId, Permission, User};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use store::{CommitError, Refused};
use utoipa::ToSchema;
use web::wire::{fields, written};
use web::{App, Body, Envelope, Field, Fields, FromWire, IfMatch, Problem, SignedIn, Versioned, refuse_changed};

use super::{Chosen, PreferencesView};
use crate::{TRIES, reach};

/// A merge update: what is absent stays, `null` goes back to what is usual.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NotificationPreferencesUpdate)]
pub(crate) struct PreferencesUpdate {
    /// What reaches one at all, in every organization; the same as `preferences.notifications` of the profile.
    #[serde(default)]
    #[schema(value_type = Option<ChannelsUpdate>)]
    channels: Field<ChannelsUpdate>,
    /// By type: `{"alert": {"email": false}}`.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, WaysUpdate>>)]
    types: Field<Map<String, Value>>,
    /// The whole of them; `null` for none.
    #[serde(default)]
    #[schema(value_type = Option<QuietHoursInput>)]
    quiet_hours: Field<Quiet>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    urgent_passes: Field<bool>,
    #[serde(default)]
    #[schema(value_type = Option<DigestUpdate>)]
    digest: Field<DigestUpdate>,
}

impl Fields for PreferencesUpdate {
    const WRITES: &'static [&'static str] = &["channels", "types", "quiet_hours", "urgent_passes", "digest"];
    const READ_ONLY: &'static [&'static str] = &["user_id", "next_digest_at", "timezone"];
}

/// The channels that are open at all; inside the product everything is shown.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = NotificationChannelsUpdate)]
pub(crate) struct ChannelsUpdate {
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    email: Field<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    sms: Field<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    push: Field<bool>,
}

/// The channels of a type.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = NotificationWaysUpdate)]
pub(crate) struct WaysUpdate {
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    in_app: Field<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    email: Field<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    sms: Field<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    push: Field<bool>,
}

/// Hours in which nobody is disturbed.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = QuietHoursInput)]
pub(crate) struct QuietHoursInput {
    /// A time of the day.
    #[serde(default)]
    #[schema(value_type = String, example = "22:00")]
    start: Field<String>,
    /// Another; on the next day where it is not behind the start.
    #[serde(default)]
    #[schema(value_type = String, example = "07:00")]
    end: Field<String>,
    /// The days on which they begin; every day where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Weekday>>)]
    days: Field<Vec<String>>,
    /// An IANA zone; the person's where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Asia/Kolkata")]
    timezone: Field<String>,
}

/// When digests come.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = NotificationDigestUpdate)]
pub(crate) struct DigestUpdate {
    #[serde(default)]
    #[schema(value_type = Option<Frequency>)]
    frequency: Field<String>,
    /// 0 to 23.
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 23)]
    hour: Field<u32>,
    #[serde(default)]
    #[schema(value_type = Option<Weekday>)]
    weekday: Field<String>,
}

#[derive(Debug, Clone)]
struct Quiet(QuietHours);

macro_rules! object_from_wire {
    ($($name:ty),*) => {$(
        impl FromWire for $name {
            fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
                fields(value)
            }
        }
    )*};
}

object_from_wire!(ChannelsUpdate, DigestUpdate, WaysUpdate);

/// A text read as a word of its own.
fn read<T: std::str::FromStr<Err = Invalid>>(text: &str, field: &str, wrong: &mut Vec<FieldInvalid>) -> Option<T> {
    text.parse().map_err(|invalid| wrong.push(FieldInvalid::new(field, invalid))).ok()
}

impl FromWire for Quiet {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let QuietHoursInput { start, end, days, timezone } = fields(value)?;
        let mut wrong = Vec::new();
        let start = start.required("start", &mut wrong).and_then(|text| read::<Minute>(&text, "start", &mut wrong));
        let end = end.required("end", &mut wrong).and_then(|text| read::<Minute>(&text, "end", &mut wrong));
        let days = match days.optional("days", &mut wrong) {
            None => Weekday::ALL.to_vec(),
            Some(words) => {
                if words.len() > Weekday::ALL.len() {
                    wrong.push(FieldInvalid::new("days", Invalid::new("too_many", "must name at most 7")));
                }
                let named = words.iter().enumerate().take(Weekday::ALL.len());
                named.filter_map(|(place, word)| read(word, &format!("days.{place}"), &mut wrong)).collect()
            }
        };
        let timezone = timezone.optional("timezone", &mut wrong);
        if let Some(Err(invalid)) = timezone.as_deref().map(zone) {
            wrong.push(FieldInvalid::new("timezone", invalid));
        }
        match start.zip(end).filter(|_| wrong.is_empty()) {
            Some((start, end)) => QuietHours::new(start, end, days, timezone)
                .map(Self)
                .map_err(|(field, invalid)| vec![FieldInvalid::new(field, invalid)]),
            None => Err(wrong),
        }
    }
}

/// What of the open channels changes.
#[derive(Debug, Clone, Copy, Default)]
struct Open {
    email: Option<Option<bool>>,
    sms: Option<Option<bool>>,
    push: Option<Option<bool>>,
}

impl Open {
    fn apply(self, choices: &mut NotificationChoices) {
        let usual = NotificationChoices::default();
        let set = |field: &mut bool, given: Option<Option<bool>>, usual| {
            *field = given.map_or(*field, |given| given.unwrap_or(usual));
        };
        set(&mut choices.email, self.email, usual.email);
        set(&mut choices.sms, self.sms, usual.sms);
        set(&mut choices.push, self.push, usual.push);
    }
}

fn within(field: &str, inner: Vec<FieldInvalid>, wrong: &mut Vec<FieldInvalid>) {
    wrong.extend(inner.into_iter().map(|error| error.within(field)));
}

fn types(given: Map<String, Value>, wrong: &mut Vec<FieldInvalid>) -> BTreeMap<NotificationType, Option<ChoicesPatch>> {
    let mut patch = BTreeMap::new();
    for (word, value) in given {
        let field = format!("types.{word}");
        let Some(kind) = read::<NotificationType>(&word, &field, wrong) else { continue };
        if value.is_null() {
            patch.insert(kind, None);
            continue;
        }
        let WaysUpdate { in_app, email, sms, push } = match WaysUpdate::from_wire(value) {
            Ok(ways) => ways,
            Err(inner) => {
                within(&field, inner, wrong);
                continue;
            }
        };
        let mut inner = Vec::new();
        let choices: ChoicesPatch =
            [(Channel::InApp, in_app), (Channel::Email, email), (Channel::Sms, sms), (Channel::Push, push)]
                .into_iter()
                .filter_map(|(channel, given)| Some((channel, given.patch(channel.as_str(), &mut inner)?)))
                .collect();
        within(&field, inner, wrong);
        patch.insert(kind, Some(choices));
    }
    patch
}

impl PreferencesUpdate {
    fn written(&self) -> Vec<&'static str> {
        written([
            ("types", self.types.is_present()),
            ("quiet_hours", self.quiet_hours.is_present()),
            ("urgent_passes", self.urgent_passes.is_present()),
            ("digest", self.digest.is_present()),
        ])
    }

    fn parse(self) -> Result<(PreferencesPatch, Option<Open>), Problem> {
        let mut wrong = Vec::new();
        let mut inner = Vec::new();
        let open = self.channels.patch("channels", &mut wrong).map(|given| match given {
            None => Open { email: Some(None), sms: Some(None), push: Some(None) },
            Some(ChannelsUpdate { email, sms, push }) => Open {
                email: email.patch("email", &mut inner),
                sms: sms.patch("sms", &mut inner),
                push: push.patch("push", &mut inner),
            },
        });
        within("channels", std::mem::take(&mut inner), &mut wrong);
        let mut patch = PreferencesPatch {
            quiet_hours: self.quiet_hours.patch("quiet_hours", &mut wrong).map(|given| given.map(|Quiet(hours)| hours)),
            urgent_passes: self.urgent_passes.patch("urgent_passes", &mut wrong),
            ..PreferencesPatch::default()
        };
        patch.types = match self.types.patch("types", &mut wrong) {
            None => BTreeMap::new(),
            Some(None) => NotificationType::ALL.into_iter().map(|kind| (kind, None)).collect(),
            Some(Some(given)) => types(given, &mut wrong),
        };
        match self.digest.patch("digest", &mut wrong) {
            None => {}
            Some(None) => (patch.frequency, patch.hour, patch.weekday) = (Some(None), Some(None), Some(None)),
            Some(Some(DigestUpdate { frequency, hour, weekday })) => {
                patch.frequency = frequency
                    .patch("frequency", &mut inner)
                    .map(|given| given.and_then(|word| read::<Frequency>(&word, "frequency", &mut inner)));
                patch.weekday = weekday
                    .patch("weekday", &mut inner)
                    .map(|given| given.and_then(|word| read::<Weekday>(&word, "weekday", &mut inner)));
                patch.hour = hour.patch("hour", &mut inner).map(|given| {
                    given.and_then(|hour| {
                        let good = i8::try_from(hour).ok().filter(|hour| *hour < 24);
                        if good.is_none() {
                            inner.push(FieldInvalid::new("hour", Invalid::new("out_of_range", "must be from 0 to 23")));
                        }
                        good
                    })
                });
                within("digest", inner, &mut wrong);
            }
        }
        if wrong.is_empty() { Ok((patch, open)) } else { Err(wrong.into()) }
    }
}

/// Changes how one wants to be told: what the body does not name stays, `null` goes back to what is usual. `channels` is
/// kept with the person and holds in all their organizations. 2 reads, 1 transaction.
#[utoipa::path(
    put, path = "/notifications/preferences", tag = "notifications", request_body = PreferencesUpdate,
    responses((status = 200, description = "As they are now.", body = Envelope<PreferencesView>, headers(("ETag" = String)))),
)]
pub(crate) async fn notification_preferences_update(
    State(app): State<App>,
    signed_in: SignedIn,
    if_match: IfMatch,
    Body(body): Body<PreferencesUpdate>,
) -> Result<Versioned<PreferencesView>, Problem> {
    let fields = body.written();
    let (patch, open) = body.parse()?;
    let grant = reach::of(&app, &signed_in, signed_in.user, Permission::NotificationsWrite).await?;
    for _ in 0..TRIES {
        let mut chosen = Chosen::of(&app, &signed_in, &grant).await?;
        refuse_changed(&app, &grant, &chosen.preferences, if_match, &fields).await?;
        let now = app.now();
        let mut transaction = app.table().transaction();
        let change = chosen.preferences.clone().update(patch.clone(), &chosen.zone, now);
        if change.before.is_none() || !change.changes().is_empty() {
            chosen.preferences = transaction.push(&grant, change)?;
        }
        if let Some(open) = open
            && let Some(change) = of_person(&chosen.person, open, now)
        {
            let everyone = Caller::system(OrganizationId::PLATFORM, "notifications").own();
            chosen.person = transaction.push(&everyone, change)?;
        }
        if transaction.is_empty() {
            return Ok(Versioned(chosen.view(), chosen.preferences.meta.version));
        }
        match transaction.commit().await {
            Ok(()) => return Ok(Versioned(chosen.view(), chosen.preferences.meta.version)),
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::Conflict.into())
}

/// What changes of the person, if anything does.
fn of_person(person: &User, open: Open, now: Timestamp) -> Option<Change<User>> {
    let mut after = person.clone();
    open.apply(&mut after.preferences.notifications);
    if after.preferences == person.preferences {
        return None;
    }
    after.meta.updated_at = now;
    Some(Change::update(person.clone(), after, "user.updated"))
}
