//! What people tell of a campaign.

use jiff::Timestamp;

use super::{
    Campaign, CampaignContent, CampaignStatus, CampaignType, ErrorLimit, Experiment, Progress, ScheduleType, Target,
};
use crate::record::Meta;
use crate::template::Subject;
use crate::{
    CampaignId, Change, ContactChannel, ContactPurpose, CustomFields, FieldInvalid, Invalid, Label, Money, Note,
    OrganizationId, Tags, UserId,
};

/// A campaign says so many bytes at most, its variants included: it is one record.
const MAX_BYTES: usize = 150 * 1_024;
/// So many a minute at most.
const MAX_THROTTLE: u32 = 100_000;

/// What is told of a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignDetails {
    /// What people call it.
    pub name: Label,
    /// What it says it goes over; the channels' where it is absent.
    pub kind: Option<CampaignType>,
    /// The rest, as a change of a campaign that says nothing.
    pub rest: CampaignPatch,
}

/// A merge update: `None` keeps, `Some(None)` clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CampaignPatch {
    /// What people call it.
    pub name: Option<Label>,
    /// What it is about.
    pub description: Option<Option<Note>>,
    /// What it says it goes over.
    pub kind: Option<CampaignType>,
    /// The channels, the one to be tried first first.
    pub channels: Option<Vec<ContactChannel>>,
    /// What people call those whom it is for.
    pub target_audience: Option<Option<Label>>,
    /// Those whom it is for.
    pub target: Option<Option<Target>>,
    /// Its subject.
    pub subject: Option<Option<Subject>>,
    /// The rest of what it says, and whether that is an object.
    pub content: Option<(CampaignContent, bool)>,
    /// Whether what it says is filled in for each receiver.
    pub personalization: Option<bool>,
    /// What for.
    pub purpose: Option<ContactPurpose>,
    /// When it begins.
    pub schedule_type: Option<ScheduleType>,
    /// At which time.
    pub scheduled_at: Option<Option<Timestamp>>,
    /// Whether a frontend calls it automated.
    pub is_automated: Option<bool>,
    /// What it may cost.
    pub budget: Option<Option<Money>>,
    /// Words that it is found by.
    pub tags: Option<Tags>,
    /// Whatever a frontend wants to remember of it, whole.
    pub custom_fields: Option<CustomFields>,
    /// How many are written to within a minute at most.
    pub throttle_per_minute: Option<Option<u32>>,
    /// When it halts by itself.
    pub error_limit: Option<ErrorLimit>,
    /// How it is tried out.
    pub experiment: Option<Option<Experiment>>,
}

impl CampaignPatch {
    /// The fields it writes, for telling a writer which of them others changed.
    pub fn writing(&self) -> Vec<&'static str> {
        [
            ("name", self.name.is_some()),
            ("description", self.description.is_some()),
            ("type", self.kind.is_some()),
            ("channels", self.channels.is_some()),
            ("target_audience", self.target_audience.is_some()),
            ("target", self.target.is_some()),
            ("content", self.subject.is_some() || self.content.is_some()),
            ("purpose", self.purpose.is_some()),
            ("schedule_type", self.schedule_type.is_some()),
            ("scheduled_at", self.scheduled_at.is_some()),
            ("budget", self.budget.is_some()),
            ("tags", self.tags.is_some()),
            ("custom_fields", self.custom_fields.is_some()),
            ("throttle_per_minute", self.throttle_per_minute.is_some()),
            ("experiment", self.experiment.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, is_written)| is_written.then_some(name))
        .collect()
    }

    /// Whether it changes nothing but what may be changed of a campaign that has begun: its name and what people sort it by.
    fn is_of_names(&self) -> bool {
        let names = Self {
            name: self.name.clone(),
            description: self.description.clone(),
            is_automated: self.is_automated,
            budget: self.budget,
            tags: self.tags.clone(),
            custom_fields: self.custom_fields.clone(),
            ..Self::default()
        };
        self == &names
    }
}

impl Campaign {
    /// A new one: a draft.
    pub fn create(
        id: CampaignId,
        organization: OrganizationId,
        details: CampaignDetails,
        created_by: UserId,
        now: Timestamp,
    ) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let CampaignDetails { name, kind, rest } = details;
        let channels = rest.channels.as_deref().unwrap_or_default();
        let Some(kind) = kind.or_else(|| CampaignType::of(channels)) else {
            return Err(vec![FieldInvalid::new("type", Invalid::required())]);
        };
        let draft = Self {
            meta: Meta::new(organization, now),
            id,
            name,
            description: None,
            kind,
            channels: kind.channel().into_iter().collect(),
            status: CampaignStatus::Draft,
            target_audience: None,
            target: None,
            content: CampaignContent::default(),
            is_content_object: false,
            personalization: true,
            purpose: ContactPurpose::Marketing,
            schedule_type: ScheduleType::Immediate,
            scheduled_at: None,
            is_automated: false,
            budget: None,
            tags: Tags::default(),
            custom_fields: CustomFields::default(),
            throttle_per_minute: None,
            error_limit: ErrorLimit::default(),
            experiment: None,
            created_by,
            launch: None,
            progress: Progress::default(),
            reason: None,
            lease_until: None,
            finished_at: None,
        };
        let campaign = draft.patched(rest).checked()?;
        Ok(Change::create(campaign, "campaign.created"))
    }

    /// Changes what the patch names. Of one that has begun only its name, and what people sort it by; the fields are named
    /// that stay.
    pub fn update(self, patch: CampaignPatch, now: Timestamp) -> Result<Change<Self>, Vec<FieldInvalid>> {
        if !self.status.is_open() && !patch.is_of_names() {
            let stays = |name: &&str| !["name", "description", "budget", "tags", "custom_fields"].contains(name);
            let invalid = || Invalid::new("has_begun", "stays as it is once the campaign has begun");
            let mut wrong: Vec<FieldInvalid> =
                patch.writing().into_iter().filter(stays).map(|name| FieldInvalid::new(name, invalid())).collect();
            if wrong.is_empty() {
                wrong.push(FieldInvalid::new("status", invalid()));
            }
            return Err(wrong);
        }
        let mut after = self.clone().patched(patch).checked()?;
        after.meta.updated_at = now;
        if self.status == CampaignStatus::Scheduled {
            // At once, where it has no time any more.
            after.lease_until = after.begins_at().or(Some(now));
        }
        Ok(Change::update(self, after, "campaign.updated"))
    }

    /// Deletes it softly; what it sent stays.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        Change::delete(self, now, "campaign.deleted")
    }

    /// Brings it back; one that was to begin is a draft again.
    pub fn restore(self, now: Timestamp) -> Change<Self> {
        let mut change = Change::restore(self, now, "campaign.restored");
        if change.after.status == CampaignStatus::Scheduled {
            (change.after.status, change.after.launch, change.after.lease_until) = (CampaignStatus::Draft, None, None);
        }
        change
    }

    /// When it begins, where that is not as it is launched.
    pub fn begins_at(&self) -> Option<Timestamp> {
        self.scheduled_at.filter(|_| self.schedule_type == ScheduleType::Scheduled)
    }

    fn patched(self, patch: CampaignPatch) -> Self {
        let CampaignPatch {
            name,
            description,
            kind,
            channels,
            target_audience,
            target,
            subject,
            content,
            personalization,
            purpose,
            schedule_type,
            scheduled_at,
            is_automated,
            budget,
            tags,
            custom_fields,
            throttle_per_minute,
            error_limit,
            experiment,
        } = patch;
        let is_told = scheduled_at.flatten().is_some();
        let mut after = self;
        after.name = name.unwrap_or(after.name);
        after.description = description.unwrap_or(after.description);
        if let Some(kind) = kind {
            after.kind = kind;
            // Channels win over the type, where there are any.
            if channels.is_none()
                && let Some(channel) = kind.channel()
            {
                after.channels = vec![channel];
            }
        }
        after.channels = channels.unwrap_or(after.channels);
        after.target_audience = target_audience.unwrap_or(after.target_audience);
        after.target = target.unwrap_or(after.target);
        if let Some((content, is_object)) = content {
            let subject = content.subject.clone().or_else(|| after.content.subject.clone());
            (after.content, after.is_content_object) = (CampaignContent { subject, ..content }, is_object);
        }
        if let Some(subject) = subject {
            after.content.subject = subject;
        }
        after.personalization = personalization.unwrap_or(after.personalization);
        after.purpose = purpose.unwrap_or(after.purpose);
        after.scheduled_at = scheduled_at.unwrap_or(after.scheduled_at);
        // A time without a word for it means that time.
        let usual = if is_told { ScheduleType::Scheduled } else { after.schedule_type };
        after.schedule_type = schedule_type.unwrap_or(usual);
        after.is_automated = is_automated.unwrap_or(after.is_automated);
        after.budget = budget.unwrap_or(after.budget);
        after.tags = tags.unwrap_or(after.tags);
        after.custom_fields = custom_fields.unwrap_or(after.custom_fields);
        after.throttle_per_minute = throttle_per_minute.unwrap_or(after.throttle_per_minute);
        after.error_limit = error_limit.unwrap_or(after.error_limit);
        after.experiment = experiment.unwrap_or(after.experiment);
        after
    }

    fn checked(mut self) -> Result<Self, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let mut refuse = |field: &str, code, message: &'static str| {
            wrong.push(FieldInvalid::new(field, Invalid::new(code, message)));
        };
        let mut once: Vec<ContactChannel> = Vec::new();
        for channel in &self.channels {
            if !once.contains(channel) {
                once.push(*channel);
            }
        }
        self.channels = once;
        if self.throttle_per_minute.is_some_and(|most| !(1..=MAX_THROTTLE).contains(&most)) {
            refuse("throttle_per_minute", "out_of_range", "must be 1 to 100,000");
        }
        if !(1..=100).contains(&self.error_limit.percent) {
            refuse("max_error_percent", "out_of_range", "must be 1 to 100");
        }
        if self.schedule_type == ScheduleType::Scheduled && self.scheduled_at.is_none() {
            refuse("scheduled_at", "required", "is required of what begins at a time");
        }
        if serde_json::to_vec(&(&self.content, &self.experiment)).map_or(true, |bytes| bytes.len() > MAX_BYTES) {
            refuse("content", "too_large", "must be at most 150 KiB, with its variants");
        }
        if let Some(experiment) = self.experiment.take() {
            match experiment.checked() {
                Ok(experiment) => self.experiment = Some(experiment),
                Err(errors) => wrong.extend(errors.into_iter().map(|error| error.within("ab_test"))),
            }
        }
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }
}
