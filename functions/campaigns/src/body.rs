//! What is told of a campaign, in the words of both products.

use std::collections::{BTreeMap, BTreeSet};

use domain::automation::Conditions;
use domain::campaign::{
    CampaignContent, CampaignPatch, ErrorLimit, Experiment, ScheduleType, Target, Variant, WinnerMetric, WinnerRule,
};
use domain::segment::{Audience, MAX_LISTED};
use domain::template::{Body, Subject, TemplateChannel};
use domain::{
    CampaignStatus, CampaignType, ContactChannel, ContactPurpose, CustomFields, FieldInvalid, Invalid, Label, LeadId,
    Money, Note, Organization, SegmentId, Tags, TemplateId,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::{Field, Fields};

use crate::view::READ_ONLY;

/// Everybody whom the launcher reaches, where this is the audience.
const ALL: &str = "all";

/// A campaign.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CampaignBody {
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    name: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    description: Field<Note>,
    /// What it goes over; `channels` win over it.
    #[serde(default)]
    #[schema(value_type = Option<CampaignType>)]
    r#type: Field<CampaignType>,
    /// The channels in the order in which they are tried: each person is written to over the first that reaches them.
    #[serde(default)]
    #[schema(value_type = Option<Vec<ContactChannel>>, max_items = 4)]
    channels: Field<Vec<ContactChannel>>,
    /// In a new one `draft`, or `active` to launch it at once. In an update `active` launches it, once, or goes on with it;
    /// `paused` halts it, `cancelled` ends it.
    #[serde(default)]
    #[schema(value_type = Option<CampaignStatus>)]
    status: Field<CampaignStatus>,
    /// Text is what people call those whom it is for, and `all` means everybody in reach; an object is criteria.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    target_audience: Field<Value>,
    /// What its leads are like, as segments have it: `{"city": ["Pune", "Nagpur"], "experience": ">2"}`.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    target_criteria: Field<Value>,
    /// Or a segment, as it is when the campaign begins.
    #[serde(default)]
    #[schema(value_type = Option<SegmentId>)]
    segment_id: Field<SegmentId>,
    /// Or leads one by one.
    #[serde(default)]
    #[schema(value_type = Option<Vec<LeadId>>, max_items = 1000)]
    lead_ids: Field<Vec<LeadId>>,
    /// Of an e-mail; over that of a template where there is one.
    #[serde(default)]
    #[schema(value_type = Option<Subject>)]
    subject: Field<Subject>,
    /// Text, or an object with `subject`, `body`, `html`, `template_id` (of whichever of the channels it is), `templates` by
    /// channel and `personalization` (`false`: own words are sent as they stand).
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    content: Field<Value>,
    /// `marketing` where absent.
    #[serde(default)]
    #[schema(value_type = Option<ContactPurpose>)]
    purpose: Field<ContactPurpose>,
    /// `scheduled` where there is a `scheduled_at`, else `immediate`.
    #[serde(default)]
    #[schema(value_type = Option<ScheduleType>)]
    schedule_type: Field<ScheduleType>,
    /// In RFC 3339; without an offset, in the organization's zone.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    scheduled_at: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_automated: Field<bool>,
    /// In the organization's currency.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    budget: Field<Value>,
    #[serde(default)]
    #[schema(value_type = Option<Tags>)]
    tags: Field<Tags>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    custom_fields: Field<CustomFields>,
    /// How many are written to within a minute at most, 1 to 100,000.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    throttle_per_minute: Field<u32>,
    /// It halts by itself when so much of what was tried got nowhere, in per cent; 25 where absent.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    max_error_percent: Field<u32>,
    /// Once so many were tried; 100 where absent.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    error_min_sample: Field<u32>,
    /// How it is tried out: `variants` (2 to 5 with `key`, `weight`, `subject`, `content`), `test_percent`,
    /// `holdout_percent`, `winner` with `metric`, `min_sample` and `after_minutes`.
    #[serde(default)]
    #[schema(value_type = Option<CampaignTest>)]
    ab_test: Field<Map<String, Value>>,
}

impl Fields for CampaignBody {
    const WRITES: &'static [&'static str] = &[
        "name",
        "description",
        "type",
        "channels",
        "status",
        "target_audience",
        "target_criteria",
        "segment_id",
        "lead_ids",
        "subject",
        "content",
        "purpose",
        "schedule_type",
        "scheduled_at",
        "is_automated",
        "budget",
        "tags",
        "custom_fields",
        "throttle_per_minute",
        "max_error_percent",
        "error_min_sample",
        "ab_test",
    ];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

/// What a campaign says, as an object.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CampaignWords {
    #[serde(default)]
    #[schema(value_type = Option<Subject>)]
    subject: Field<Subject>,
    #[serde(default)]
    #[schema(value_type = Option<Body>)]
    body: Field<Body>,
    #[serde(default)]
    #[schema(value_type = Option<Body>)]
    html: Field<Body>,
    #[serde(default)]
    #[schema(value_type = Option<TemplateId>)]
    template_id: Field<TemplateId>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    templates: Field<Map<String, Value>>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    personalization: Field<bool>,
}

/// How a campaign is tried out.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CampaignTest {
    /// 2 to 5, or none.
    #[serde(default)]
    #[schema(value_type = Option<Vec<CampaignTestVariant>>, max_items = 5)]
    variants: Field<Vec<Value>>,
    /// The part of those who are written to among whom the variants are tried; 100 where there is no `winner`, else 20.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    test_percent: Field<u32>,
    /// The part of all who are written nothing; 0 where absent.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    holdout_percent: Field<u32>,
    #[serde(default)]
    #[schema(value_type = Option<CampaignTestWinner>)]
    winner: Field<Map<String, Value>>,
}

/// One of the things that a campaign may say.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CampaignTestVariant {
    /// `a`, `b` and so on where absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    key: Field<String>,
    /// 1 where absent.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    weight: Field<u32>,
    #[serde(default)]
    #[schema(value_type = Option<Subject>)]
    subject: Field<Subject>,
    /// As the campaign's own.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    content: Field<Value>,
}

/// Which variant wins.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CampaignTestWinner {
    /// `open_rate` where absent.
    #[serde(default)]
    #[schema(value_type = Option<WinnerMetric>)]
    metric: Field<WinnerMetric>,
    /// Each variant has so many messages delivered at least; 100 where absent. After three times its time the first variant
    /// wins without.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    min_sample: Field<u32>,
    /// So long after the last of the test was planned, at the earliest; 240 where absent.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    after_minutes: Field<u32>,
}

/// A body that was read.
pub(crate) struct Told {
    pub(crate) patch: CampaignPatch,
    pub(crate) status: Option<CampaignStatus>,
}

impl CampaignBody {
    pub(crate) fn read(self, organization: &Organization) -> Result<Told, Vec<FieldInvalid>> {
        let zone = organization.time_zone();
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let budget = self.budget.patch("budget", w).map(|value| {
            let read = |value: Value| {
                let refuse = |invalid| w.push(FieldInvalid::new("budget", invalid));
                Money::from_json(&value, organization.currency).map_err(refuse).ok()
            };
            value.and_then(read)
        });
        let (target_audience, target) = target(
            [(self.target_audience, "target_audience"), (self.target_criteria, "target_criteria")],
            self.segment_id.patch("segment_id", w),
            self.lead_ids.patch("lead_ids", w),
            &zone,
            w,
        );
        let told = self.content.patch("content", w).map(|value| content(value.unwrap_or_default(), "content", w));
        let personalization = told.as_ref().and_then(|told| told.personalization);
        let limit =
            (self.max_error_percent.patch("max_error_percent", w), self.error_min_sample.patch("error_min_sample", w));
        let scheduled_at = self.scheduled_at.patch("scheduled_at", w).map(|text| {
            let read = |text: String| {
                moment(&text, &zone).map_err(|invalid| w.push(FieldInvalid::new("scheduled_at", invalid))).ok()
            };
            text.and_then(read)
        });
        let experiment = self.ab_test.patch("ab_test", w).map(|told| {
            told.and_then(|told| match experiment(told) {
                Ok(experiment) => Some(experiment),
                Err(errors) => {
                    w.extend(errors.into_iter().map(|error| error.within("ab_test")));
                    None
                }
            })
        });
        let patch = CampaignPatch {
            name: self.name.replaced("name", w),
            description: self.description.patch("description", w),
            kind: self.r#type.replaced("type", w),
            channels: self.channels.replaced("channels", w),
            target_audience,
            target,
            subject: self.subject.patch("subject", w),
            content: told.map(|told| (told.content, told.is_object)),
            personalization,
            purpose: self.purpose.replaced("purpose", w),
            schedule_type: self.schedule_type.replaced("schedule_type", w),
            scheduled_at,
            is_automated: self.is_automated.replaced("is_automated", w),
            budget,
            tags: self.tags.patch("tags", w).map(Option::unwrap_or_default),
            custom_fields: self.custom_fields.patch("custom_fields", w).map(Option::unwrap_or_default),
            throttle_per_minute: self.throttle_per_minute.patch("throttle_per_minute", w),
            error_limit: error_limit(limit),
            experiment,
        };
        let status = self.status.replaced("status", w);
        if wrong.is_empty() { Ok(Told { patch, status }) } else { Err(wrong) }
    }
}

/// Of the two numbers, the one that is not told is the usual one: they are one rule.
fn error_limit((percent, min_sample): (Option<Option<u32>>, Option<Option<u32>>)) -> Option<ErrorLimit> {
    if percent.is_none() && min_sample.is_none() {
        return None;
    }
    let usual = ErrorLimit::default();
    // What no byte holds is no percentage; it is refused as such.
    let percent = percent.flatten().map_or(usual.percent, |percent| u8::try_from(percent).unwrap_or(u8::MAX));
    Some(ErrorLimit { percent, min_sample: min_sample.flatten().unwrap_or(usual.min_sample) })
}

/// A time as people write it: in RFC 3339, or without an offset in their zone.
fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp, Invalid> {
    let text = text.trim();
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    let invalid = || Invalid::new("not_a_time", "must be a time such as 2026-01-31T10:00:00 or 2026-01-31T10:00:00Z");
    let local: jiff::civil::DateTime = text.parse().map_err(|_| invalid())?;
    local.to_zoned(zone.clone()).map(|at| at.timestamp()).map_err(|_| invalid())
}

/// Absent, cleared, or told.
type Patched<T> = Option<Option<T>>;

/// Whom it is for, and what people call them.
fn target(
    told: [(Field<Value>, &'static str); 2],
    segment: Patched<SegmentId>,
    leads: Patched<Vec<LeadId>>,
    zone: &TimeZone,
    wrong: &mut Vec<FieldInvalid>,
) -> (Patched<Label>, Patched<Target>) {
    let mut label = None;
    let mut is_cleared = false;
    let mut targets: Vec<(&str, Target)> = Vec::new();
    for (field, name) in told {
        match field.patch(name, wrong) {
            None => {}
            Some(None) => {
                is_cleared = true;
                if name == "target_audience" {
                    label = Some(None);
                }
            }
            Some(Some(Value::String(text))) if name == "target_audience" => {
                match text.parse::<Label>() {
                    Ok(told) => label = Some(Some(told)),
                    Err(invalid) => wrong.push(FieldInvalid::new(name, invalid)),
                }
                if text.trim().eq_ignore_ascii_case(ALL) {
                    targets.push((name, Target::Criteria(Conditions::default())));
                }
            }
            // Frontends send an empty object where nothing was chosen, which is not everybody.
            Some(Some(Value::Object(object))) if object.is_empty() => is_cleared = true,
            Some(Some(value)) => match Audience::criteria(&value, zone) {
                Ok(Audience::Criteria(conditions)) => targets.push((name, Target::Criteria(conditions))),
                Ok(Audience::Leads(ids)) => targets.push((name, Target::Leads(ids))),
                Err(errors) => wrong.extend(errors.into_iter().map(|error| error.within(name))),
            },
        }
    }
    match segment {
        Some(Some(id)) => targets.push(("segment_id", Target::Segment(id))),
        Some(None) => is_cleared = true,
        None => {}
    }
    match leads {
        Some(Some(ids)) => {
            let ids: BTreeSet<LeadId> = ids.into_iter().collect();
            if ids.is_empty() || ids.len() > MAX_LISTED {
                wrong.push(FieldInvalid::new("lead_ids", Invalid::new("out_of_range", "must be 1 to 1,000")));
            }
            targets.push(("lead_ids", Target::Leads(ids)));
        }
        Some(None) => is_cleared = true,
        None => {}
    }
    // `all` beside something narrower is only what people call it.
    if targets.len() > 1 {
        targets.retain(|(_, target)| !matches!(target, Target::Criteria(conditions) if conditions.is_empty()));
    }
    for (name, _) in targets.iter().skip(1) {
        wrong.push(FieldInvalid::new(*name, Invalid::new("two_audiences", "goes with no other way to choose leads")));
    }
    let target = targets.into_iter().next().map(|(_, target)| Some(target));
    (label, target.or(is_cleared.then_some(None)))
}

struct ToldContent {
    content: CampaignContent,
    is_object: bool,
    personalization: Option<bool>,
}

/// Text, or an object.
fn content(value: Value, name: &str, wrong: &mut Vec<FieldInvalid>) -> ToldContent {
    let empty = |is_object| ToldContent { content: CampaignContent::default(), is_object, personalization: None };
    let text = match value {
        Value::Null => return empty(false),
        Value::String(text) if text.trim().is_empty() => return empty(false),
        Value::String(text) => text,
        value => {
            return match web::wire::fields::<CampaignWords>(value).and_then(CampaignWords::read) {
                Ok((content, personalization)) => ToldContent { content, is_object: true, personalization },
                Err(errors) => {
                    wrong.extend(errors.into_iter().map(|error| error.within(name)));
                    empty(true)
                }
            };
        }
    };
    let body = text.parse::<Body>().map_err(|invalid| wrong.push(FieldInvalid::new(name, invalid))).ok();
    ToldContent {
        content: CampaignContent { body, ..CampaignContent::default() },
        is_object: false,
        personalization: None,
    }
}

impl CampaignWords {
    fn read(self) -> Result<(CampaignContent, Option<bool>), Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let mut templates = BTreeMap::new();
        for (channel, id) in self.templates.optional("templates", w).unwrap_or_default() {
            let field = format!("templates.{channel}");
            match (channel.parse::<TemplateChannel>(), id.as_str().map(str::parse::<TemplateId>)) {
                (Ok(channel), Some(Ok(id))) => {
                    templates.insert(channel.to_string(), id);
                }
                (Err(invalid), _) | (Ok(_), Some(Err(invalid))) => w.push(FieldInvalid::new(field, invalid)),
                (Ok(_), None) => w.push(FieldInvalid::new(field, Invalid::new("not_text", "must be text"))),
            }
        }
        let content = CampaignContent {
            subject: self.subject.optional("subject", w),
            body: self.body.optional("body", w),
            html: self.html.optional("html", w),
            template: self.template_id.optional("template_id", w),
            templates,
        };
        let personalization = self.personalization.optional("personalization", w);
        if wrong.is_empty() { Ok((content, personalization)) } else { Err(wrong) }
    }
}

fn experiment(told: Map<String, Value>) -> Result<Experiment, Vec<FieldInvalid>> {
    let CampaignTest { variants, test_percent, holdout_percent, winner } = web::wire::fields(Value::Object(told))?;
    let mut wrong = Vec::new();
    let w = &mut wrong;
    let winner = winner.optional("winner", w).and_then(|told| match winner_rule(told) {
        Ok(rule) => Some(rule),
        Err(errors) => {
            w.extend(errors.into_iter().map(|error| error.within("winner")));
            None
        }
    });
    let mut read = Vec::new();
    for (place, value) in variants.optional("variants", w).unwrap_or_default().into_iter().enumerate() {
        match variant(place, value) {
            Ok(variant) => read.push(variant),
            Err(errors) => w.extend(errors.into_iter().map(|error| error.within(&format!("variants.{place}")))),
        }
    }
    // What no byte holds is no percentage; it is refused as such.
    let percent = |told: Option<u32>, usual| told.map_or(usual, |told| u8::try_from(told).unwrap_or(u8::MAX));
    let test_percent = test_percent.optional("test_percent", w);
    let holdout_percent = percent(holdout_percent.optional("holdout_percent", w), 0);
    let test_percent = percent(test_percent, if winner.is_some() { 20 } else { 100 });
    if wrong.is_empty() { Ok(Experiment { variants: read, test_percent, holdout_percent, winner }) } else { Err(wrong) }
}

fn variant(place: usize, value: Value) -> Result<Variant, Vec<FieldInvalid>> {
    let CampaignTestVariant { key, weight, subject, content: said } = web::wire::fields(value)?;
    let mut wrong = Vec::new();
    let w = &mut wrong;
    let letter = (b'a'..=b'z').nth(place).map_or_else(|| place.to_string(), |letter| char::from(letter).to_string());
    let subject = subject.optional("subject", w);
    let told = said.optional("content", w).map(|value| content(value, "content", w));
    let own = told.map(|told| told.content).unwrap_or_default();
    let content = CampaignContent { subject: subject.or_else(|| own.subject.clone()), ..own };
    let key = key.optional("key", w).unwrap_or(letter);
    let weight = weight.optional("weight", w).unwrap_or(1);
    if wrong.is_empty() { Ok(Variant { key, weight, content }) } else { Err(wrong) }
}

fn winner_rule(told: Map<String, Value>) -> Result<WinnerRule, Vec<FieldInvalid>> {
    let CampaignTestWinner { metric, min_sample, after_minutes } = web::wire::fields(Value::Object(told))?;
    let mut wrong = Vec::new();
    let w = &mut wrong;
    let rule = WinnerRule {
        metric: metric.optional("metric", w).unwrap_or(WinnerMetric::Opens),
        min_sample: min_sample.optional("min_sample", w).unwrap_or(100),
        after_minutes: after_minutes.optional("after_minutes", w).unwrap_or(240),
    };
    if wrong.is_empty() { Ok(rule) } else { Err(wrong) }
}
