/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel says of a request that it refuses, beside the error. */
#ifndef __SELFTESTS_TASKSTATS_COMPLAINT_H
#define __SELFTESTS_TASKSTATS_COMPLAINT_H

#include "listen.h"

struct ts_complaint {
	int error;
	char text[128];
	int offset;		/* of the attribute; 0 for none */
	int missing;		/* type of one that is; 0 for none */
};

/* From now on @sk is told, and does not get its request back. */
static inline bool ts_explain(struct ts_sock *sk)
{
	int fd = ts_fd(sk), on = 1;

	return !setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) &&
	       !setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
}

/* Of a whole NLMSG_ERROR to a socket that has asked for it by ts_explain(). */
static inline void ts_read_complaint(const struct nlmsghdr *nlh, struct ts_complaint *complaint)
{
	const struct nlmsgerr *err = NLMSG_DATA(nlh);
	struct ts_walk walk = {
		(const char *)(err + 1), nlh->nlmsg_len - NLMSG_LENGTH(sizeof(*err))
	};
	const struct nlattr *nla;

	memset(complaint, 0, sizeof(*complaint));
	complaint->error = err->error;
	if ((nlh->nlmsg_flags & (NLM_F_CAPPED | NLM_F_ACK_TLVS)) !=
	    (NLM_F_CAPPED | NLM_F_ACK_TLVS))
		return;
	while ((nla = ts_walk(&walk))) {
		switch (nla->nla_type & NLA_TYPE_MASK) {
		case NLMSGERR_ATTR_MSG:
			snprintf(complaint->text, sizeof(complaint->text), "%s",
				 (const char *)ts_payload(nla));
			break;
		case NLMSGERR_ATTR_OFFS:
			ts_get(nla, &complaint->offset, sizeof(__u32));
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			ts_get(nla, &complaint->missing, sizeof(__u32));
			break;
		}
	}
}

#endif /* __SELFTESTS_TASKSTATS_COMPLAINT_H */
