//! `PUT /users/profile/{user_id}`.

use axum::extract::State;
use domain::organization::zone;
use domain::{
    Caller, Change, FieldInvalid, Invalid, Label, Membership, OrganizationId, Permission, PersonName, Phone,
    Preferences, User, UserId,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::wire::{fields, written};
use web::{App, Body, Envelope, Field, Fields, FromWire, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::{ProfileView, own_or};
use crate::editing::Edit;

/// An address of a picture has at most so many characters.
const MAX_URL: usize = 500;

/// What of a profile changes.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ProfileUpdate {
    /// Its last word is the family name, where it has several.
    #[serde(default)]
    #[schema(value_type = PersonName)]
    full_name: Field<PersonName>,
    #[serde(default)]
    #[schema(value_type = Option<Phone>)]
    phone: Field<Phone>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    department: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    designation: Field<Label>,
    /// `https://…`.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    avatar_url: Field<String>,
    /// What is absent stays.
    #[serde(default)]
    #[schema(value_type = PreferencesUpdate)]
    preferences: Field<PreferencesUpdate>,
}

impl Fields for ProfileUpdate {
    const WRITES: &'static [&'static str] =
        &["full_name", "phone", "department", "designation", "avatar_url", "preferences"];
    // What somebody may do is nobody's own to write; named, so that whoever tries is told.
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "email",
        "first_name",
        "last_name",
        "role",
        "organization_id",
        "permissions",
        "status",
        "reach",
        "branch_ids",
        "created_at",
        "updated_at",
    ];
}

/// What of somebody's preferences changes.
#[derive(Debug, Default, ToSchema)]
pub(crate) struct PreferencesUpdate {
    /// A BCP 47 language tag.
    #[schema(required = false, example = "en-IN")]
    language: Option<String>,
    /// An IANA zone; `null` for the organization's.
    #[schema(value_type = Option<String>, example = "Asia/Kolkata")]
    timezone: Option<Option<String>>,
    #[schema(value_type = NotificationsUpdate, required = false)]
    notifications: Option<NotificationsUpdate>,
}

/// The channels on which somebody wants to be told things.
#[derive(Debug, Default, ToSchema)]
pub(crate) struct NotificationsUpdate {
    #[schema(value_type = bool, required = false)]
    email: Option<bool>,
    #[schema(value_type = bool, required = false)]
    sms: Option<bool>,
    #[schema(value_type = bool, required = false)]
    push: Option<bool>,
}

#[derive(Deserialize)]
struct PreferenceFields {
    #[serde(default)]
    language: Field<String>,
    #[serde(default)]
    timezone: Field<String>,
    #[serde(default)]
    notifications: Field<NotificationsUpdate>,
}

#[derive(Deserialize)]
struct NotificationFields {
    #[serde(default)]
    email: Field<bool>,
    #[serde(default)]
    sms: Field<bool>,
    #[serde(default)]
    push: Field<bool>,
}

impl FromWire for PreferencesUpdate {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let given: PreferenceFields = fields(value)?;
        let mut wrong = Vec::new();
        let language = given.language.replaced("language", &mut wrong);
        let timezone = given.timezone.patch("timezone", &mut wrong);
        let notifications = given.notifications.replaced("notifications", &mut wrong);
        let mut refuse = |field: &str, invalid| wrong.push(FieldInvalid::new(field, invalid));
        if language.as_deref().is_some_and(|tag| !is_language(tag)) {
            refuse("language", Invalid::new("unknown_language", "must be a language tag, such as en-IN"));
        }
        if let Some(Some(Err(invalid))) = timezone.as_ref().map(|name| name.as_deref().map(zone)) {
            refuse("timezone", invalid);
        }
        if wrong.is_empty() { Ok(Self { language, timezone, notifications }) } else { Err(wrong) }
    }
}

/// Whether a text has the form of a BCP 47 tag: a language of letters, then parts of letters and digits.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let other = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.len() <= 35 && parts.next().is_some_and(language) && parts.all(other)
}

impl FromWire for NotificationsUpdate {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let given: NotificationFields = fields(value)?;
        let mut wrong = Vec::new();
        let update = Self {
            email: given.email.replaced("email", &mut wrong),
            sms: given.sms.replaced("sms", &mut wrong),
            push: given.push.replaced("push", &mut wrong),
        };
        if wrong.is_empty() { Ok(update) } else { Err(wrong) }
    }
}

impl PreferencesUpdate {
    fn apply(&self, preferences: &mut Preferences) {
        if let Some(language) = &self.language {
            preferences.language.clone_from(language);
        }
        if let Some(zone) = &self.timezone {
            preferences.timezone.clone_from(zone);
        }
        if let Some(NotificationsUpdate { email, sms, push }) = self.notifications {
            let chosen = &mut preferences.notifications;
            chosen.email = email.unwrap_or(chosen.email);
            chosen.sms = sms.unwrap_or(chosen.sms);
            chosen.push = push.unwrap_or(chosen.push);
        }
    }
}

struct Patch {
    full_name: Option<PersonName>,
    phone: Option<Option<Phone>>,
    department: Option<Option<Label>>,
    designation: Option<Option<Label>>,
    avatar: Option<Option<String>>,
    preferences: Option<PreferencesUpdate>,
}

impl ProfileUpdate {
    fn written(&self) -> Vec<&'static str> {
        written([
            ("name", self.full_name.is_present()),
            ("department", self.department.is_present()),
            ("designation", self.designation.is_present()),
        ])
    }

    fn parse(self) -> Result<Patch, Problem> {
        let mut wrong = Vec::new();
        let patch = Patch {
            full_name: self.full_name.replaced("full_name", &mut wrong),
            phone: self.phone.patch("phone", &mut wrong),
            department: self.department.patch("department", &mut wrong),
            designation: self.designation.patch("designation", &mut wrong),
            avatar: self.avatar_url.patch("avatar_url", &mut wrong),
            preferences: self.preferences.replaced("preferences", &mut wrong),
        };
        if let Some(Some(url)) = &patch.avatar
            && !is_picture(url)
        {
            let invalid = Invalid::new("bad_url", "must be an https address of at most 500 characters");
            wrong.push(FieldInvalid::new("avatar_url", invalid));
        }
        if wrong.is_empty() { Ok(patch) } else { Err(wrong.into()) }
    }
}

/// Whether a text is an `https` address with a host and no one's name or password in it.
fn is_picture(text: &str) -> bool {
    let plain =
        text.len() <= MAX_URL && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\`".contains(&byte));
    let host = text.parse::<axum::http::Uri>().ok().and_then(|uri| {
        let https = uri.scheme_str() == Some("https");
        uri.authority().filter(|host| https && !host.as_str().contains('@')).map(|host| host.host().to_owned())
    });
    plain && host.is_some_and(|host| !host.is_empty())
}

impl Patch {
    const fn is_of_account(&self) -> bool {
        self.full_name.is_some() || self.phone.is_some() || self.avatar.is_some() || self.preferences.is_some()
    }

    fn account(&self, user: &mut User) {
        if let Some(name) = &self.full_name {
            let name = name.as_str();
            let (first, last) = name.rsplit_once(' ').unwrap_or((name, ""));
            (user.first_name, user.last_name) = (first.to_owned(), last.to_owned());
        }
        if let Some(phone) = &self.phone {
            user.phone.clone_from(phone);
        }
        if let Some(avatar) = &self.avatar {
            user.avatar.clone_from(avatar);
        }
        if let Some(preferences) = &self.preferences {
            preferences.apply(&mut user.preferences);
        }
    }

    fn apply(&self, member: Membership, now: Timestamp) -> Change<Membership> {
        let mut after = member.clone();
        if let Some(department) = &self.department {
            after.department = department.as_ref().map(Label::to_string);
        }
        if let Some(designation) = &self.designation {
            after.designation = designation.as_ref().map(Label::to_string);
        }
        after.meta.updated_at = now;
        Change::update(member, after, "membership.updated")
    }
}

/// Changes one's own profile, or another's, which needs `users:write`: what the body does not name stays, `null`
/// clears. Role, permissions and the like have no effect here and are named as warnings.
#[utoipa::path(
    put, path = "/users/profile/{user_id}", tag = "users", params(("user_id" = UserId, Path)),
    request_body = ProfileUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<ProfileView>)),
)]
pub(crate) async fn profile_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
    if_match: IfMatch,
    Body(body): Body<ProfileUpdate>,
) -> Result<Versioned<ProfileView>, Problem> {
    let grant = own_or(&signed_in, id, Permission::UsersWrite)?;
    let fields = body.written();
    let (patch, now) = (body.parse()?, app.now());
    let account = |user: &mut User| patch.account(user);
    let mut edit = Edit::of(&app, &signed_in, &grant, id).seen(if_match, &fields);
    if patch.is_of_account() {
        edit = edit.with_account(&account);
    }
    let member = edit.run(|member| Ok(patch.apply(member, now))).await?;
    let everyone = Caller::system(OrganizationId::PLATFORM, "users").own();
    let user: User = app.table().get_to_change(&everyone, id).await?;
    let version = member.meta.version;
    Ok(Versioned(ProfileView::seen_by(&signed_in, &grant, user, member), version))
}
