// Generated from infra/openapi.json by `npm run types`.

export interface paths {
    "/calls/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes the calls that a client made and changed while it was offline, and tells it what else it must know; see
         *     `POST /leads/sync` for how changes are merged.
         * @description A call that was held offline comes as one creation with its times; what begins or ends by an update does so by our
         *     clock. Costs as the operations themselves, and as a fetch.
         */
        post: operations["call_sync_push"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/calls/sync/{agentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The calls of a person that changed since `since`, and which are no longer theirs; all of them without `since`. The
         *     last minute is told again each time. 410 `sync_expired` after 30 days.
         * @description Costs 1 Query, 1 read a call, and 1 write, or 2 where there is something to tell.
         */
        get: operations["call_sync_fetch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/leads/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes the changes of a client that was offline, and tells it what else it must know.
         * @description Each change stands alone, those of one lead in their order. An update is merged field by field: what others changed
         *     since `base_version` is a conflict only where the client changed the same field to another value, and then that field
         *     stays as it stands; both values are told, and the client sends the one to keep with the `version` told. Nothing is
         *     done twice: a batch may come again. What the client's clock says decides nothing.
         *
         *     Costs as the operations themselves, 1 Query more for an update of what has changed meanwhile, and as a fetch.
         */
        post: operations["lead_sync_push"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/leads/sync/{agentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The leads of a person that changed since `since`, and which are no longer theirs; all of them without `since`. The
         *     last minute is told again each time. 410 `sync_expired` after 30 days.
         * @description Costs 1 Query, 1 read a lead, and 1 write, or 2 where there is something to tell.
         */
        get: operations["lead_sync_fetch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reminders/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes the reminders that a client made and changed while it was offline, and tells it what else it must know; see
         *     `POST /leads/sync` for how changes are merged.
         * @description One that is completed by its status and comes again is followed by its next. Costs as the operations themselves, and
         *     as a fetch.
         */
        post: operations["reminder_sync_push"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reminders/sync/{agentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The reminders of a person that changed since `since`, and which are no longer theirs; all of them without `since`. The
         *     last minute is told again each time. 410 `sync_expired` after 30 days.
         * @description Costs 1 Query, 1 read a reminder, and 1 write, or 2 where there is something to tell.
         */
        get: operations["reminder_sync_fetch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync/force/{agentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes somebody's clients begin anew: whoever goes on from a cursor of before is answered 410 `sync_required`, and what
         *     they changed meanwhile is taken as ever. Costs 1 read and 2 writes a kind.
         */
        post: operations["sync_force"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync/full/{agentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tells all that somebody's client keeps, from the beginning: the first part of each kind. What the client changed goes
         *     to `POST /leads/sync` and the like before, where it is merged; this operation takes no changes.
         * @description Costs 1 read, and for each kind what its `GET /leads/sync/{agentId}` costs.
         */
        post: operations["sync_full"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync/history/{agentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of somebody's clients' asking within 30 days, newest first. Those that brought nothing and were told
         *     nothing are left out. Costs 1 read and 1 Query, 0.5 read units a 4 KB.
         */
        get: operations["sync_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync/last/{agentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** When somebody's clients last asked for what changed. Costs 1 read and 1 Query. */
        get: operations["sync_last"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync/status/{agentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How somebody's clients stand: when they last asked, and what has changed since. Costs 1 read, 1 Query, and 1 Query of
         *     0.5 read units a 4 KB for each kind.
         */
        get: operations["sync_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync/{type}/{agentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tells one kind of what somebody's client keeps: all of it, or what changed since `since`, which is the `next_cursor`
         *     of any answer about this kind and person. Costs 1 read and what `GET /leads/sync/{agentId}` costs.
         */
        post: operations["sync_selective"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A change that is done, or was when it came before. */
        Applied: {
            /** @description The change's place in the batch, from 0. */
            index: number;
            /** @description The record. */
            id: string;
            /**
             * Format: int64
             * @description The record's version with it.
             */
            version: number;
            /** @description Fields that have no effect here. */
            ignored: string[];
        };
        /** @description A fetch, asked for by a body. */
        Asking: {
            /** @description The `next_cursor` of the last answer; without it, everything is told from the beginning. */
            since?: string | null;
            /**
             * Format: int32
             * @description Records of a kind that an answer tells at most.
             */
            limit?: number | null;
        };
        /** @example br_01kaf0v3hteb9s1z6vqk4m2x8y */
        BranchId: string;
        /**
         * @description Who called.
         * @enum {string}
         */
        CallDirection: "inbound" | "outbound";
        /** @example call_01kaf0v3hteb9s1z6vqk4m2x8y */
        CallId: string;
        /**
         * @description What came of a call, apart from whether it was answered.
         * @enum {string}
         */
        CallOutcome: "interested" | "not_interested" | "callback" | "wrong_number" | "do_not_call" | "converted";
        /**
         * @description Where a call stands. The first four are open: the call is still to be, or going on.
         * @enum {string}
         */
        CallStatus: "queued" | "initiated" | "ringing" | "in_progress" | "completed" | "failed" | "busy" | "no_answer" | "canceled";
        /** @description A field that both sides changed. */
        ConflictField: {
            /** @description The field; `custom_fields.x` for one of the free fields. */
            field: string;
            /** @description What the client wants. */
            client: unknown;
            /** @description What stands. */
            server: unknown;
        };
        /** @description A change that somebody else's stands against; what of it does not conflict is done. */
        Conflict_Call: {
            /** @description The change's place in the batch, from 0. */
            index: number;
            /** @description The record. */
            id: string;
            /**
             * Format: int64
             * @description The record's version now: what to name as `base_version` when the conflict is resolved.
             */
            version: number;
            /** @description The fields with both values; none where the record was deleted. */
            fields: components["schemas"]["ConflictField"][];
            /** @description A call. */
            server: {
                /** @description Its id. */
                id: components["schemas"]["CallId"];
                /** @description Whose call it is: a user's id. */
                agentId: components["schemas"]["UserId"];
                lead_id: components["schemas"]["LeadId"] | null;
                /** @description The branch it belongs to. */
                branch_id: components["schemas"]["BranchId"];
                /** @description The other side's number in E.164; `+91******3210` for those who do not see numbers. */
                phone: string | null;
                /** @description Who called. */
                direction: components["schemas"]["CallDirection"];
                /** @description Where it stands. */
                status: components["schemas"]["CallStatus"];
                outcome: components["schemas"]["CallOutcome"] | null;
                notes: components["schemas"]["Prose5000"] | null;
                /**
                 * Format: date-time
                 * @description When it shall be.
                 */
                scheduled_at: string | null;
                /**
                 * Format: date-time
                 * @description When they began to talk.
                 */
                started_at: string | null;
                /**
                 * Format: date-time
                 * @description When it was over.
                 */
                ended_at: string | null;
                /**
                 * Format: int32
                 * @description How long they talked, once it is over.
                 */
                duration_seconds: number | null;
                recording_url: components["schemas"]["HttpsUrl"] | null;
                follow_up_id: components["schemas"]["ReminderId"] | null;
                /** @description Whatever the phone wants to remember of it. */
                metadata: Record<string, never>;
                /**
                 * Format: date-time
                 * @description When it was created.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it last changed.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Its version; the number in its entity tag.
                 */
                version: number;
            };
        };
        /** @description A change that somebody else's stands against; what of it does not conflict is done. */
        Conflict_Lead: {
            /** @description The change's place in the batch, from 0. */
            index: number;
            /** @description The record. */
            id: string;
            /**
             * Format: int64
             * @description The record's version now: what to name as `base_version` when the conflict is resolved.
             */
            version: number;
            /** @description The fields with both values; none where the record was deleted. */
            fields: components["schemas"]["ConflictField"][];
            /** @description A lead. */
            server: {
                /** @description Its id. */
                id: components["schemas"]["LeadId"];
                external_id: components["schemas"]["Line120"] | null;
                full_name: components["schemas"]["PersonName"] | null;
                /** @description Its address; `a***@example.com` for those who do not see addresses. */
                email: string | null;
                /** @description Its number in E.164; `+91******3210` for those who do not see numbers. */
                phone: string | null;
                source: components["schemas"]["Line120"] | null;
                medium: components["schemas"]["Line120"] | null;
                campaign: components["schemas"]["Line120"] | null;
                city: components["schemas"]["Line120"] | null;
                /** @description The key of the stage it is in. */
                status: components["schemas"]["StageKey"];
                /** @description How soon it should be worked on. */
                priority: components["schemas"]["Priority"];
                /**
                 * Format: int32
                 * @description 0 to 100, as of its last change.
                 */
                score: number;
                assigned_to: components["schemas"]["UserId"] | null;
                /** @description The branch it belongs to. */
                branch_id: components["schemas"]["BranchId"];
                /** @description Free labels. */
                tags: components["schemas"]["Tags"];
                /** @description Free fields. */
                custom_fields: Record<string, never>;
                /**
                 * Format: int32
                 * @description How often it came to us.
                 */
                touches: number;
                /**
                 * Format: date-time
                 * @description When it last did.
                 */
                last_touch_at: string;
                /**
                 * Format: date-time
                 * @description When it entered the stage it is in.
                 */
                stage_entered_at: string;
                /** @description Why it was lost. */
                lost_reason: string | null;
                /**
                 * Format: date-time
                 * @description When it was won.
                 */
                converted_at: string | null;
                /**
                 * Format: date-time
                 * @description When it was created.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it last changed.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Its version; the number in its entity tag.
                 */
                version: number;
            };
        };
        /** @description A change that somebody else's stands against; what of it does not conflict is done. */
        Conflict_Reminder: {
            /** @description The change's place in the batch, from 0. */
            index: number;
            /** @description The record. */
            id: string;
            /**
             * Format: int64
             * @description The record's version now: what to name as `base_version` when the conflict is resolved.
             */
            version: number;
            /** @description The fields with both values; none where the record was deleted. */
            fields: components["schemas"]["ConflictField"][];
            /** @description A reminder. */
            server: {
                /** @description Its id. */
                id: components["schemas"]["ReminderId"];
                /** @description Who is told: a user's id. */
                agentId: components["schemas"]["UserId"];
                /** @description The branch it belongs to. */
                branch_id: components["schemas"]["BranchId"];
                /** @description What of, in a few words. */
                title: components["schemas"]["Line120"];
                description: components["schemas"]["Prose5000"] | null;
                lead_id: components["schemas"]["LeadId"] | null;
                call_id: components["schemas"]["CallId"] | null;
                /**
                 * Format: date-time
                 * @description When.
                 */
                due_at: string;
                /** @description How urgent it is. */
                priority: components["schemas"]["Priority"];
                /** @description What it is for. */
                type: components["schemas"]["ReminderType"];
                /** @description Where it stands. */
                status: components["schemas"]["ReminderStatus"];
                repeat: components["schemas"]["Repeat"] | null;
                next_id: components["schemas"]["ReminderId"] | null;
                /**
                 * Format: date-time
                 * @description When it was done.
                 */
                completed_at: string | null;
                /**
                 * Format: date-time
                 * @description When it was told that it is due.
                 */
                notified_at: string | null;
                /**
                 * Format: date-time
                 * @description When it was told that it is overdue: a quarter of an hour later, where it was still to be done.
                 */
                overdue_at: string | null;
                /**
                 * Format: date-time
                 * @description When it was created.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it last changed.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Its version; the number in its entity tag.
                 */
                version: number;
            };
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_Anew: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description What clients will begin anew with. */
            data: {
                agent_id: components["schemas"]["UserId"];
                types: components["schemas"]["Kind"][];
                /** Format: date-time */
                forced_at: string;
            };
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_Fetched_Call: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description What a client must know. */
            data: {
                /** @description Records as they are now. Some may be known already. */
                server_changes: {
                    /** @description Its id. */
                    id: components["schemas"]["CallId"];
                    /** @description Whose call it is: a user's id. */
                    agentId: components["schemas"]["UserId"];
                    lead_id: components["schemas"]["LeadId"] | null;
                    /** @description The branch it belongs to. */
                    branch_id: components["schemas"]["BranchId"];
                    /** @description The other side's number in E.164; `+91******3210` for those who do not see numbers. */
                    phone: string | null;
                    /** @description Who called. */
                    direction: components["schemas"]["CallDirection"];
                    /** @description Where it stands. */
                    status: components["schemas"]["CallStatus"];
                    outcome: components["schemas"]["CallOutcome"] | null;
                    notes: components["schemas"]["Prose5000"] | null;
                    /**
                     * Format: date-time
                     * @description When it shall be.
                     */
                    scheduled_at: string | null;
                    /**
                     * Format: date-time
                     * @description When they began to talk.
                     */
                    started_at: string | null;
                    /**
                     * Format: date-time
                     * @description When it was over.
                     */
                    ended_at: string | null;
                    /**
                     * Format: int32
                     * @description How long they talked, once it is over.
                     */
                    duration_seconds: number | null;
                    recording_url: components["schemas"]["HttpsUrl"] | null;
                    follow_up_id: components["schemas"]["ReminderId"] | null;
                    /** @description Whatever the phone wants to remember of it. */
                    metadata: Record<string, never>;
                    /**
                     * Format: date-time
                     * @description When it was created.
                     */
                    created_at: string;
                    /**
                     * Format: date-time
                     * @description When it last changed.
                     */
                    updated_at: string;
                    /**
                     * Format: int64
                     * @description Its version; the number in its entity tag.
                     */
                    version: number;
                }[];
                /** @description What is no longer theirs: deleted, or gone to somebody else. */
                deleted_ids: string[];
                /** @description Where to go on next time. */
                next_cursor: string;
                /** @description Whether there is more now. */
                has_more: boolean;
                /**
                 * Format: date-time
                 * @description The server's clock.
                 */
                server_time: string;
            };
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_Fetched_Lead: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description What a client must know. */
            data: {
                /** @description Records as they are now. Some may be known already. */
                server_changes: {
                    /** @description Its id. */
                    id: components["schemas"]["LeadId"];
                    external_id: components["schemas"]["Line120"] | null;
                    full_name: components["schemas"]["PersonName"] | null;
                    /** @description Its address; `a***@example.com` for those who do not see addresses. */
                    email: string | null;
                    /** @description Its number in E.164; `+91******3210` for those who do not see numbers. */
                    phone: string | null;
                    source: components["schemas"]["Line120"] | null;
                    medium: components["schemas"]["Line120"] | null;
                    campaign: components["schemas"]["Line120"] | null;
                    city: components["schemas"]["Line120"] | null;
                    /** @description The key of the stage it is in. */
                    status: components["schemas"]["StageKey"];
                    /** @description How soon it should be worked on. */
                    priority: components["schemas"]["Priority"];
                    /**
                     * Format: int32
                     * @description 0 to 100, as of its last change.
                     */
                    score: number;
                    assigned_to: components["schemas"]["UserId"] | null;
                    /** @description The branch it belongs to. */
                    branch_id: components["schemas"]["BranchId"];
                    /** @description Free labels. */
                    tags: components["schemas"]["Tags"];
                    /** @description Free fields. */
                    custom_fields: Record<string, never>;
                    /**
                     * Format: int32
                     * @description How often it came to us.
                     */
                    touches: number;
                    /**
                     * Format: date-time
                     * @description When it last did.
                     */
                    last_touch_at: string;
                    /**
                     * Format: date-time
                     * @description When it entered the stage it is in.
                     */
                    stage_entered_at: string;
                    /** @description Why it was lost. */
                    lost_reason: string | null;
                    /**
                     * Format: date-time
                     * @description When it was won.
                     */
                    converted_at: string | null;
                    /**
                     * Format: date-time
                     * @description When it was created.
                     */
                    created_at: string;
                    /**
                     * Format: date-time
                     * @description When it last changed.
                     */
                    updated_at: string;
                    /**
                     * Format: int64
                     * @description Its version; the number in its entity tag.
                     */
                    version: number;
                }[];
                /** @description What is no longer theirs: deleted, or gone to somebody else. */
                deleted_ids: string[];
                /** @description Where to go on next time. */
                next_cursor: string;
                /** @description Whether there is more now. */
                has_more: boolean;
                /**
                 * Format: date-time
                 * @description The server's clock.
                 */
                server_time: string;
            };
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_Fetched_Reminder: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description What a client must know. */
            data: {
                /** @description Records as they are now. Some may be known already. */
                server_changes: {
                    /** @description Its id. */
                    id: components["schemas"]["ReminderId"];
                    /** @description Who is told: a user's id. */
                    agentId: components["schemas"]["UserId"];
                    /** @description The branch it belongs to. */
                    branch_id: components["schemas"]["BranchId"];
                    /** @description What of, in a few words. */
                    title: components["schemas"]["Line120"];
                    description: components["schemas"]["Prose5000"] | null;
                    lead_id: components["schemas"]["LeadId"] | null;
                    call_id: components["schemas"]["CallId"] | null;
                    /**
                     * Format: date-time
                     * @description When.
                     */
                    due_at: string;
                    /** @description How urgent it is. */
                    priority: components["schemas"]["Priority"];
                    /** @description What it is for. */
                    type: components["schemas"]["ReminderType"];
                    /** @description Where it stands. */
                    status: components["schemas"]["ReminderStatus"];
                    repeat: components["schemas"]["Repeat"] | null;
                    next_id: components["schemas"]["ReminderId"] | null;
                    /**
                     * Format: date-time
                     * @description When it was done.
                     */
                    completed_at: string | null;
                    /**
                     * Format: date-time
                     * @description When it was told that it is due.
                     */
                    notified_at: string | null;
                    /**
                     * Format: date-time
                     * @description When it was told that it is overdue: a quarter of an hour later, where it was still to be done.
                     */
                    overdue_at: string | null;
                    /**
                     * Format: date-time
                     * @description When it was created.
                     */
                    created_at: string;
                    /**
                     * Format: date-time
                     * @description When it last changed.
                     */
                    updated_at: string;
                    /**
                     * Format: int64
                     * @description Its version; the number in its entity tag.
                     */
                    version: number;
                }[];
                /** @description What is no longer theirs: deleted, or gone to somebody else. */
                deleted_ids: string[];
                /** @description Where to go on next time. */
                next_cursor: string;
                /** @description Whether there is more now. */
                has_more: boolean;
                /**
                 * Format: date-time
                 * @description The server's clock.
                 */
                server_time: string;
            };
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_FullSync: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description All that somebody's client keeps, from the beginning. */
            data: {
                agent_id: components["schemas"]["UserId"];
                leads: components["schemas"]["Fetched_Lead"];
                calls: components["schemas"]["Fetched_Call"] | null;
                reminders: components["schemas"]["Fetched_Reminder"] | null;
                /** @description Whether there is more of any kind: `POST /sync/{type}/{agentId}` goes on with that kind's `next_cursor`. */
                has_more: boolean;
                /**
                 * Format: date-time
                 * @description The server's clock.
                 */
                server_time: string;
            };
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_KindSync: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description A part of one kind of records that somebody's client keeps, as the kind's own operations show it. */
            data: (components["schemas"]["KindPart_Lead"] & {
                /** @enum {string} */
                type: "leads";
            }) | (components["schemas"]["KindPart_Call"] & {
                /** @enum {string} */
                type: "calls";
            }) | (components["schemas"]["KindPart_Reminder"] & {
                /** @enum {string} */
                type: "reminders";
            });
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_LastTimes: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description When somebody's clients last asked for what changed. */
            data: {
                agent_id: components["schemas"]["UserId"];
                /**
                 * Format: date-time
                 * @description Of whatever kind; `null` where none asked within 30 days.
                 */
                last_sync: string | null;
                /**
                 * Format: date-time
                 * @description The same for leads.
                 */
                leads: string | null;
                /**
                 * Format: date-time
                 * @description For calls.
                 */
                calls: string | null;
                /**
                 * Format: date-time
                 * @description For reminders.
                 */
                reminders: string | null;
                /**
                 * Format: date-time
                 * @description The server's clock.
                 */
                server_time: string;
            };
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_SyncAnswer_Call: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description What became of a batch, and what else a client must know. */
            data: components["schemas"]["Fetched_Call"] & {
                applied: components["schemas"]["Applied"][];
                conflicts: components["schemas"]["Conflict_Call"][];
                rejected: components["schemas"]["Rejected"][];
            };
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_SyncAnswer_Lead: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description What became of a batch, and what else a client must know. */
            data: components["schemas"]["Fetched_Lead"] & {
                applied: components["schemas"]["Applied"][];
                conflicts: components["schemas"]["Conflict_Lead"][];
                rejected: components["schemas"]["Rejected"][];
            };
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_SyncAnswer_Reminder: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description What became of a batch, and what else a client must know. */
            data: components["schemas"]["Fetched_Reminder"] & {
                applied: components["schemas"]["Applied"][];
                conflicts: components["schemas"]["Conflict_Reminder"][];
                rejected: components["schemas"]["Rejected"][];
            };
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_SyncHistory: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description A page of what became of somebody's clients' asking. */
            data: {
                syncs: components["schemas"]["SyncRun"][];
                /** @description Leads to the next page; `null` on the last. */
                next_cursor: string | null;
            };
        };
        /**
         * @description `{"success": true, "data": …}`: the shape of every answer that is not a problem, a file or a page
         *     for people.
         */
        Envelope_SyncStatus: {
            /** @description Always `true`. */
            success: boolean;
            /** @description Fields of the write that had no effect; absent where there are none. */
            warnings?: components["schemas"]["Warning"][] | null;
            /** @description How somebody's clients stand. */
            data: {
                agent_id: components["schemas"]["UserId"];
                status: components["schemas"]["SyncStanding"];
                /**
                 * Format: date-time
                 * @description When they last asked, for whatever kind.
                 */
                last_sync: string | null;
                /**
                 * Format: int32
                 * @description Changes that they have not asked for, of all kinds.
                 */
                pending_changes: number;
                types: components["schemas"]["KindStatus"][];
                /**
                 * Format: date-time
                 * @description The server's clock.
                 */
                server_time: string;
            };
        };
        /** @description What a client must know. */
        Fetched_Call: {
            /** @description Records as they are now. Some may be known already. */
            server_changes: {
                /** @description Its id. */
                id: components["schemas"]["CallId"];
                /** @description Whose call it is: a user's id. */
                agentId: components["schemas"]["UserId"];
                lead_id: components["schemas"]["LeadId"] | null;
                /** @description The branch it belongs to. */
                branch_id: components["schemas"]["BranchId"];
                /** @description The other side's number in E.164; `+91******3210` for those who do not see numbers. */
                phone: string | null;
                /** @description Who called. */
                direction: components["schemas"]["CallDirection"];
                /** @description Where it stands. */
                status: components["schemas"]["CallStatus"];
                outcome: components["schemas"]["CallOutcome"] | null;
                notes: components["schemas"]["Prose5000"] | null;
                /**
                 * Format: date-time
                 * @description When it shall be.
                 */
                scheduled_at: string | null;
                /**
                 * Format: date-time
                 * @description When they began to talk.
                 */
                started_at: string | null;
                /**
                 * Format: date-time
                 * @description When it was over.
                 */
                ended_at: string | null;
                /**
                 * Format: int32
                 * @description How long they talked, once it is over.
                 */
                duration_seconds: number | null;
                recording_url: components["schemas"]["HttpsUrl"] | null;
                follow_up_id: components["schemas"]["ReminderId"] | null;
                /** @description Whatever the phone wants to remember of it. */
                metadata: Record<string, never>;
                /**
                 * Format: date-time
                 * @description When it was created.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it last changed.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Its version; the number in its entity tag.
                 */
                version: number;
            }[];
            /** @description What is no longer theirs: deleted, or gone to somebody else. */
            deleted_ids: string[];
            /** @description Where to go on next time. */
            next_cursor: string;
            /** @description Whether there is more now. */
            has_more: boolean;
            /**
             * Format: date-time
             * @description The server's clock.
             */
            server_time: string;
        };
        /** @description What a client must know. */
        Fetched_Lead: {
            /** @description Records as they are now. Some may be known already. */
            server_changes: {
                /** @description Its id. */
                id: components["schemas"]["LeadId"];
                external_id: components["schemas"]["Line120"] | null;
                full_name: components["schemas"]["PersonName"] | null;
                /** @description Its address; `a***@example.com` for those who do not see addresses. */
                email: string | null;
                /** @description Its number in E.164; `+91******3210` for those who do not see numbers. */
                phone: string | null;
                source: components["schemas"]["Line120"] | null;
                medium: components["schemas"]["Line120"] | null;
                campaign: components["schemas"]["Line120"] | null;
                city: components["schemas"]["Line120"] | null;
                /** @description The key of the stage it is in. */
                status: components["schemas"]["StageKey"];
                /** @description How soon it should be worked on. */
                priority: components["schemas"]["Priority"];
                /**
                 * Format: int32
                 * @description 0 to 100, as of its last change.
                 */
                score: number;
                assigned_to: components["schemas"]["UserId"] | null;
                /** @description The branch it belongs to. */
                branch_id: components["schemas"]["BranchId"];
                /** @description Free labels. */
                tags: components["schemas"]["Tags"];
                /** @description Free fields. */
                custom_fields: Record<string, never>;
                /**
                 * Format: int32
                 * @description How often it came to us.
                 */
                touches: number;
                /**
                 * Format: date-time
                 * @description When it last did.
                 */
                last_touch_at: string;
                /**
                 * Format: date-time
                 * @description When it entered the stage it is in.
                 */
                stage_entered_at: string;
                /** @description Why it was lost. */
                lost_reason: string | null;
                /**
                 * Format: date-time
                 * @description When it was won.
                 */
                converted_at: string | null;
                /**
                 * Format: date-time
                 * @description When it was created.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it last changed.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Its version; the number in its entity tag.
                 */
                version: number;
            }[];
            /** @description What is no longer theirs: deleted, or gone to somebody else. */
            deleted_ids: string[];
            /** @description Where to go on next time. */
            next_cursor: string;
            /** @description Whether there is more now. */
            has_more: boolean;
            /**
             * Format: date-time
             * @description The server's clock.
             */
            server_time: string;
        };
        /** @description What a client must know. */
        Fetched_Reminder: {
            /** @description Records as they are now. Some may be known already. */
            server_changes: {
                /** @description Its id. */
                id: components["schemas"]["ReminderId"];
                /** @description Who is told: a user's id. */
                agentId: components["schemas"]["UserId"];
                /** @description The branch it belongs to. */
                branch_id: components["schemas"]["BranchId"];
                /** @description What of, in a few words. */
                title: components["schemas"]["Line120"];
                description: components["schemas"]["Prose5000"] | null;
                lead_id: components["schemas"]["LeadId"] | null;
                call_id: components["schemas"]["CallId"] | null;
                /**
                 * Format: date-time
                 * @description When.
                 */
                due_at: string;
                /** @description How urgent it is. */
                priority: components["schemas"]["Priority"];
                /** @description What it is for. */
                type: components["schemas"]["ReminderType"];
                /** @description Where it stands. */
                status: components["schemas"]["ReminderStatus"];
                repeat: components["schemas"]["Repeat"] | null;
                next_id: components["schemas"]["ReminderId"] | null;
                /**
                 * Format: date-time
                 * @description When it was done.
                 */
                completed_at: string | null;
                /**
                 * Format: date-time
                 * @description When it was told that it is due.
                 */
                notified_at: string | null;
                /**
                 * Format: date-time
                 * @description When it was told that it is overdue: a quarter of an hour later, where it was still to be done.
                 */
                overdue_at: string | null;
                /**
                 * Format: date-time
                 * @description When it was created.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it last changed.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Its version; the number in its entity tag.
                 */
                version: number;
            }[];
            /** @description What is no longer theirs: deleted, or gone to somebody else. */
            deleted_ids: string[];
            /** @description Where to go on next time. */
            next_cursor: string;
            /** @description Whether there is more now. */
            has_more: boolean;
            /**
             * Format: date-time
             * @description The server's clock.
             */
            server_time: string;
        };
        /** @description One wrong field. */
        FieldProblem: {
            /** @description The field as the caller wrote it. */
            field: string;
            /** @description For programs. */
            code: string;
            /** @description For people. */
            message: string;
        };
        HttpsUrl: string;
        /**
         * @description A kind of records.
         * @enum {string}
         */
        Kind: "leads" | "calls" | "reminders";
        /** @description The part, and whose it is. */
        KindPart_Call: components["schemas"]["Fetched_Call"] & {
            agent_id: components["schemas"]["UserId"];
        };
        /** @description The part, and whose it is. */
        KindPart_Lead: components["schemas"]["Fetched_Lead"] & {
            agent_id: components["schemas"]["UserId"];
        };
        /** @description The part, and whose it is. */
        KindPart_Reminder: components["schemas"]["Fetched_Reminder"] & {
            agent_id: components["schemas"]["UserId"];
        };
        /** @description How clients stand with a kind of records. */
        KindStatus: {
            type: components["schemas"]["Kind"];
            status: components["schemas"]["SyncStanding"];
            /**
             * Format: date-time
             * @description When they last asked.
             */
            last_sync: string | null;
            /** @description The device that brought changes then, as it names itself. */
            client_id: string | null;
            /**
             * Format: int32
             * @description Changes since then, counted to 1,000. A record that changed twice counts twice.
             */
            pending_changes: number;
            /**
             * Format: int32
             * @description Conflicts that the last of them was told.
             */
            conflicts: number;
            /**
             * Format: int32
             * @description Changes of theirs that could not be done then.
             */
            rejected: number;
        };
        /** @example lead_01kaf0v3hteb9s1z6vqk4m2x8y */
        LeadId: string;
        Line120: string;
        /** @example Asha Example */
        PersonName: string;
        /** @enum {string} */
        Priority: "low" | "normal" | "medium" | "high" | "urgent";
        /** @description The body of a problem. */
        Problem: {
            /** @description Always `false`. */
            success: boolean;
            /** @description Names the kind of problem: `urn:sampark:problem:` and the code. */
            type: string;
            /** @description The kind in words. */
            title: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description This occurrence in words. */
            detail: string;
            /** @description Stable, for programs. */
            code: string;
            /** @description Each wrong field. */
            errors: components["schemas"]["FieldProblem"][];
            /** @description What to name to support. */
            request_id: string;
        } & {
            [key: string]: unknown;
        };
        Prose5000: string;
        /** @description A change that cannot be done, now or later. */
        Rejected: {
            /** @description The change's place in the batch, from 0. */
            index: number;
            /** @description The record, as the client named it. */
            id: string;
            /** @description Why, for programs. */
            code: string;
            /** @description Why, in words. */
            detail: string;
            /** @description Its wrong fields. */
            errors: components["schemas"]["FieldProblem"][];
            /** @description The record that stands in the way, where the caller may see it. */
            existing_id?: unknown;
        };
        /** @example rem_01kaf0v3hteb9s1z6vqk4m2x8y */
        ReminderId: string;
        /**
         * @description Where a reminder stands.
         * @enum {string}
         */
        ReminderStatus: "pending" | "completed" | "cancelled";
        /**
         * @description What a reminder is for.
         * @enum {string}
         */
        ReminderType: "general" | "follow_up" | "call" | "meeting" | "task";
        /** @description How a reminder comes again. */
        Repeat: {
            /** @description What is counted. */
            every: components["schemas"]["RepeatEvery"];
            /**
             * Format: int32
             * @description How many of them lie between two.
             */
            interval: number;
            /**
             * Format: date-time
             * @description None comes after this moment.
             */
            until: string | null;
        };
        /**
         * @description What a repeat counts.
         * @enum {string}
         */
        RepeatEvery: "daily" | "weekly" | "monthly";
        /** @example assessment */
        StageKey: string;
        /** @description One change that a client made. One that cannot be understood is rejected alone, so that each part may be anything. */
        SyncChange: {
            /** @description `create`, `update` or `delete`. */
            op?: unknown;
            /** @description The record's; the client makes that of a new one. */
            id?: unknown;
            /** @description The `version` of the record that the client changed; needed for an update. */
            base_version?: unknown;
            /** @description As the record's own operations take them. */
            fields?: unknown;
            /** @description When the client says that it was. Its first 100 characters are remembered, and decide nothing. */
            client_ts?: unknown;
        };
        /** @description What clients shall begin anew with. */
        SyncForce: {
            /** @description All kinds where absent. */
            types?: components["schemas"]["Kind"][] | null;
        };
        /**
         * @description How a client asked.
         * @enum {string}
         */
        SyncMode: "incremental" | "full" | "selective" | "forced";
        /** @description What a client knows and what it changed. */
        SyncRequest: {
            /** @description The `next_cursor` of the last answer; without it, everything is told from the beginning. */
            since?: string | null;
            /** @description Names the device, whose own changes never conflict with each other; the sign-in where absent. */
            client_id?: string | null;
            /**
             * Format: int32
             * @description Records that an answer tells at most.
             */
            limit?: number | null;
            /** @description At most 100, those of one record in their order. */
            changes?: components["schemas"]["SyncChange"][];
        };
        /** @description What became of a client's asking. */
        SyncRun: {
            id: components["schemas"]["SyncRunId"];
            type: components["schemas"]["Kind"] | null;
            mode: components["schemas"]["SyncMode"];
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description Who was signed in. */
            by: components["schemas"]["UserId"];
            /** @description The device, as it names itself where it brings changes. */
            client_id: string | null;
            /**
             * Format: int32
             * @description Changes of the client that were done.
             */
            applied: number;
            /**
             * Format: int32
             * @description That others' stood against.
             */
            conflicts: number;
            /**
             * Format: int32
             * @description That could not be done.
             */
            rejected: number;
            /**
             * Format: int32
             * @description Records that it was told.
             */
            server_changes: number;
            /**
             * Format: int32
             * @description Records that it was told to be gone.
             */
            deleted: number;
            /** @description Whether there was more to tell. */
            has_more: boolean;
        };
        /** @example sync_01kaf0v3hteb9s1z6vqk4m2x8y */
        SyncRunId: string;
        /**
         * @description How a client stands.
         * @enum {string}
         */
        SyncStanding: "never" | "pending" | "up_to_date";
        Tags: string[];
        /** @example usr_01kaf0v3hteb9s1z6vqk4m2x8y */
        UserId: string;
        /** @description A field of a write that had no effect. */
        Warning: {
            /** @description The field as the caller wrote it. */
            field: string;
            /** @description `unknown_field` or `read_only`. */
            code: string;
        };
    };
    responses: {
        /** @description Something was not as it should be: RFC 9457, every wrong field named. */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
                "application/json": {
                    message: string;
                };
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    call_sync_push: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gets the same answer again, for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SyncRequest"];
            };
        };
        responses: {
            /** @description What became of each change. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_SyncAnswer_Call"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    call_sync_fetch: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the last answer; without it, everything is told from the beginning. */
                since?: string;
                /** @description Records that an answer tells at most. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description A user's id. */
                agentId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Fetched_Call"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    lead_sync_push: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gets the same answer again, for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SyncRequest"];
            };
        };
        responses: {
            /** @description What became of each change. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_SyncAnswer_Lead"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    lead_sync_fetch: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the last answer; without it, everything is told from the beginning. */
                since?: string;
                /** @description Records that an answer tells at most. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description A user's id. */
                agentId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Fetched_Lead"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    reminder_sync_push: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gets the same answer again, for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SyncRequest"];
            };
        };
        responses: {
            /** @description What became of each change. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_SyncAnswer_Reminder"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    reminder_sync_fetch: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the last answer; without it, everything is told from the beginning. */
                since?: string;
                /** @description Records that an answer tells at most. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description A user's id. */
                agentId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Fetched_Reminder"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sync_force: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gets the same answer again, for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description A user's id. */
                agentId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SyncForce"];
            };
        };
        responses: {
            /** @description They will begin anew. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Anew"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sync_full: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gets the same answer again, for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description A user's id. */
                agentId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Asking"];
            };
        };
        responses: {
            /** @description The first part of everything. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_FullSync"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sync_history: {
        parameters: {
            query?: {
                /** @description Entries a page: 1 to 200, 50 where nothing is said. */
                limit?: number;
                /** @description The `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description A user's id. */
                agentId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_SyncHistory"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sync_last: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A user's id. */
                agentId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The times. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_LastTimes"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sync_status: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A user's id. */
                agentId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How they stand. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_SyncStatus"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sync_selective: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body gets the same answer again, for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                type: components["schemas"]["Kind"];
                /** @description A user's id. */
                agentId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Asking"];
            };
        };
        responses: {
            /** @description A part of that kind. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_KindSync"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
