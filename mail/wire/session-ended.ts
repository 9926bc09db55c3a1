/** Why a session's signal aborts. One for all: an abort without a reason makes an exception with its stack each time. */
export const sessionEnded = new Error('the session has ended');
