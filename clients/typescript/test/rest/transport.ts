/** What the scenes use where nothing but the client is installed. */
export const transport = undefined;
