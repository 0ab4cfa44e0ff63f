// AlertDelivery
